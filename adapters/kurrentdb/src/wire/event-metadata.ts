/**
 * What an event of the port has and an event of KurrentDB has not stands at the beginning of its metadata, as the keys below, in this order. They are cut out again when
 * the event is read: text that was not touched in between comes back byte by byte.
 */
const SCHEMA_VERSION = "rd-schema-version";
/** The content type of bytes, and of text, where the wire has no word for them. */
const BYTES_TYPE = "rd-content-type";
const TEXT_TYPE = "rd-text-type";
/** Metadata of other programs that is no JSON object, in base64. */
const BYTES = "rd-metadata-bytes";
/** The whole metadata as text, where it cannot stand as it is. */
const WHOLE = "rd-metadata";

const LIFTED_VERSION = new RegExp(`^\\{"${SCHEMA_VERSION}":"([1-9][0-9]{0,14})"(?:,(?=")|(?=\\}))`);
const LIFTED_TYPE = new RegExp(`^\\{"(${BYTES_TYPE}|${TEXT_TYPE})":("(?:[^"\\\\]|\\\\.)*")(?:,(?=")|(?=\\}))`);
const NO_KEYS = /^\{ *\}$/;

/** What metadata of the wire tells about an event. */
export interface LiftedMetadata {
  readonly metadata: string;
  readonly schemaVersion: number;
  /** `undefined` where what the wire says of the content holds. */
  readonly content: ToldContent | undefined;
}

/** What the wire cannot say of content. */
export interface ToldContent {
  readonly type: string;
  readonly isText: boolean;
}

/** Metadata as it was read, in the shape of the port. */
export function liftMetadata(bytes: Uint8Array): LiftedMetadata {
  let metadata = objectText(bytes);
  if (metadata === undefined)
    return { metadata: `{"${BYTES}":"${Buffer.from(bytes).toString("base64")}"}`, schemaVersion: 1, content: undefined };
  if (!metadata.startsWith('{"rd-')) return { metadata, schemaVersion: 1, content: undefined };
  let schemaVersion = 1;
  let content: ToldContent | undefined;
  const version = LIFTED_VERSION.exec(metadata);
  if (version !== null) {
    schemaVersion = Number(version[1]);
    metadata = `{${metadata.slice(version[0].length)}`;
  }
  const type = LIFTED_TYPE.exec(metadata);
  if (type !== null) {
    content = { type: JSON.parse(type[2] ?? "") as string, isText: type[1] === TEXT_TYPE };
    metadata = `{${metadata.slice(type[0].length)}`;
  }
  return { metadata: unwrapped(metadata), schemaVersion, content };
}

/** Metadata as it is written: text of a JSON object; `undefined` where there is nothing to say. */
export function lowerMetadata(metadata: string, schemaVersion: number, content: ToldContent | undefined): string | undefined {
  const keys = ownKeys(schemaVersion, content);
  const own = standsAsItIs(metadata, keys.length > 0) ? metadata : JSON.stringify({ [WHOLE]: metadata });
  if (keys.length > 0) {
    const texts = keys.map(([key, value]) => `"${key}":${JSON.stringify(value)}`);
    return `{${texts.join()}${NO_KEYS.test(own) ? "" : ","}${own.slice(1)}`;
  }
  return own === "{}" ? undefined : own.replace(/^\{ (?= *\}$)/, "{");
}

/** Metadata for a part of the protocol that takes nothing but texts by key. */
export function lowerToTexts(metadata: string, schemaVersion: number, content: ToldContent | undefined): Readonly<Record<string, string>> {
  const keys = Object.fromEntries(ownKeys(schemaVersion, content));
  if (metadata === "{}") return keys;
  return { ...keys, ...(textsOf(metadata) ?? { [WHOLE]: metadata }) };
}

function ownKeys(schemaVersion: number, content: ToldContent | undefined): readonly (readonly [key: string, value: string])[] {
  const version: readonly (readonly [string, string])[] = schemaVersion === 1 ? [] : [[SCHEMA_VERSION, String(schemaVersion)]];
  return content === undefined ? version : [...version, [content.isText ? TEXT_TYPE : BYTES_TYPE, content.type]];
}

/** Whether reading it gives it back: a JSON object that has no keys of ours, and no space where they are to stand. */
function standsAsItIs(metadata: string, isBehindKeys: boolean): boolean {
  if (isBehindKeys && !metadata.startsWith('{"') && metadata !== "{}") return false;
  if (!metadata.startsWith("{") || metadata.startsWith('{"rd-') || metadata.includes("\uFFFD")) return false;
  return isJson(metadata);
}

/** Keys and texts of metadata that has nothing else, and whose order a map of texts keeps. */
function textsOf(metadata: string): Readonly<Record<string, string>> | undefined {
  if (!standsAsItIs(metadata, true)) return undefined;
  const parsed = JSON.parse(metadata) as Record<string, unknown>;
  const isPlain = JSON.stringify(parsed) === metadata && Object.values(parsed).every((value) => typeof value === "string");
  const [only, ...others] = Object.keys(parsed);
  return isPlain && only !== undefined && others.length === 0 ? (parsed as Record<string, string>) : undefined;
}

/** Text that is a JSON object, or `undefined`. None at all is an object without keys; one that was sent without keys has a space more, to be told from it. */
function objectText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "{}";
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!text.startsWith("{") || text.includes("\uFFFD") || !isJson(text)) return undefined;
  return NO_KEYS.test(text) ? text.replace("{", "{ ") : text;
}

function unwrapped(metadata: string): string {
  if (!metadata.startsWith(`{"${WHOLE}":`)) return metadata;
  const { [WHOLE]: whole, ...rest } = JSON.parse(metadata) as Record<string, unknown>;
  return typeof whole === "string" && Object.keys(rest).length === 0 ? whole : metadata;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
