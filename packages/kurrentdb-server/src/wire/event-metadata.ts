/**
 * What an event of a store has and an event of KurrentDB has not stands at the beginning of its metadata, as the keys below, in this order. They are cut out again
 * when such an event is written: text that was not touched in between comes back byte by byte.
 */
const SCHEMA_VERSION = "rd-schema-version";
/** The content type of bytes, and of text, where the wire has no word for them. */
const BYTES_TYPE = "rd-content-type";
const TEXT_TYPE = "rd-text-type";
/** Metadata that is no JSON object, in base64. */
const BYTES = "rd-metadata-bytes";
/** The whole metadata as text, where its writer could send nothing but texts. */
const WHOLE = "rd-metadata";

/**
 * Where clients tell the chain of an event, and where stores look for it. Metadata that has the one alone gets the other in front, behind a mark that says so.
 */
const WIRE_CORRELATION = "$correlationId";
const CORRELATION = "correlationId";
const MARK = '{"rd-correlation":"$",';

const LIFTED_CORRELATION = new RegExp(`^\\{"rd-correlation":"\\$","${CORRELATION}":"(?:[^"\\\\]|\\\\.)*",`);
const LIFTED = new RegExp(`^\\{"${SCHEMA_VERSION}":"([1-9][0-9]{0,14})"(?:,(?=\\s*")|(?=\\s*\\}))`);
const LIFTED_TYPE = new RegExp(`^\\{"(${BYTES_TYPE}|${TEXT_TYPE})":("(?:[^"\\\\]|\\\\.)*")(?:,(?=\\s*")|(?=\\s*\\}))`);
const NO_KEYS = /^\{\s*\}$/;
const NOTHING = new Uint8Array(0);

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

/** Metadata as it came, in the shape of the store: JSON text of an object. */
export function liftMetadata(bytes: Uint8Array): LiftedMetadata {
  let metadata = objectText(bytes);
  if (metadata === undefined)
    return { metadata: `{"${BYTES}":"${Buffer.from(bytes).toString("base64")}"}`, schemaVersion: 1, content: undefined };
  let schemaVersion = 1;
  let content: ToldContent | undefined;
  if (metadata.startsWith('{"rd-')) {
    const version = LIFTED.exec(metadata);
    if (version !== null) {
      schemaVersion = Number(version[1]);
      metadata = `{${metadata.slice(version[0].length)}`;
    }
    const type = LIFTED_TYPE.exec(metadata);
    if (type !== null) {
      content = { type: JSON.parse(type[2] ?? "") as string, isText: type[1] === TEXT_TYPE };
      metadata = `{${metadata.slice(type[0].length)}`;
    }
    metadata = unwrapped(metadata);
  }
  return { metadata: withCorrelation(metadata), schemaVersion, content };
}

/** Metadata as it is sent. */
export function lowerMetadata(kept: string, schemaVersion: number, content: ToldContent | undefined): string | Uint8Array {
  const metadata = kept.startsWith(MARK) ? kept.replace(LIFTED_CORRELATION, "{") : kept;
  const keys = [
    ...(schemaVersion === 1 ? [] : [`"${SCHEMA_VERSION}":"${schemaVersion}"`]),
    ...(content === undefined ? [] : [`"${content.isText ? TEXT_TYPE : BYTES_TYPE}":${JSON.stringify(content.type)}`]),
  ];
  if (keys.length > 0) return `{${keys.join()}${NO_KEYS.test(metadata) ? "" : ","}${metadata.slice(1)}`;
  if (metadata === "{}") return NOTHING;
  if (metadata.startsWith(`{"${BYTES}":"`)) return Buffer.from((JSON.parse(metadata) as Record<string, string>)[BYTES] ?? "", "base64");
  return NO_KEYS.test(metadata) ? metadata.replace(" ", "") : metadata;
}

/** Text that is a JSON object, or `undefined`. None at all is an object without keys; one that was sent without keys has a space more, to be told from it. */
function objectText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "{}";
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!text.startsWith("{") || text.includes("\uFFFD")) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return NO_KEYS.test(text) ? text.replace("{", "{ ") : text;
}

function withCorrelation(metadata: string): string {
  if (!metadata.includes(`"${WIRE_CORRELATION}"`)) return metadata;
  const { [WIRE_CORRELATION]: chain, [CORRELATION]: own } = JSON.parse(metadata) as Record<string, unknown>;
  return typeof chain === "string" && own === undefined
    ? `${MARK}"${CORRELATION}":${JSON.stringify(chain)},${metadata.slice(1)}`
    : metadata;
}

/** Metadata that was sent as one text, where reading it as JSON gives that text again. */
function unwrapped(metadata: string): string {
  if (!metadata.startsWith(`{"${WHOLE}":`)) return metadata;
  const { [WHOLE]: whole, ...rest } = JSON.parse(metadata) as Record<string, unknown>;
  if (typeof whole !== "string" || Object.keys(rest).length > 0) return metadata;
  try {
    return whole.startsWith("{") && JSON.stringify(JSON.parse(whole)) === whole ? whole : metadata;
  } catch {
    return metadata;
  }
}
