import { definitionOf, type MessageBase } from "../message.ts";
import { hides, MASKED, maskOf, type Mask } from "./mask.ts";
import { errorsBehind } from "./outcome.ts";

/** How many values of a message are looked for in texts. */
const MAX_VALUES = 1_000;
const MAX_DEPTH = 50;
/** Shorter values are replaced where they stand alone: they may be a part of any word. */
const MIN_LENGTH_WITHIN = 4;

/** By error, the texts that must not be shown of it; for whoever gets it, or one that it led to, further out. */
const known = new WeakMap<object, readonly string[]>();

/** A text about what was thrown while a message was handled, without the message's sensitive values and those of messages that led to the error. */
export function withoutSecrets(text: string, thrown: unknown, message: MessageBase): string {
  const mask = maskOf(definitionOf(message));
  const own = mask === undefined ? [] : secretsIn(message, mask);
  const secrets = new Set([...own, ...[...errorsBehind(thrown)].flatMap((error) => known.get(error) ?? [])]);
  if (own.length > 0 && typeof thrown === "object" && thrown !== null) known.set(thrown, [...secrets]);
  return [...secrets].toSorted((one, other) => other.length - one.length).reduce(replaceIn, text);
}

function secretsIn(message: MessageBase, mask: Mask): readonly string[] {
  const values: string[] = [];
  collect(message, mask, 0, values);
  return values.flatMap(spellingsOf).filter((text) => text !== "");
}

/** `mask` is undefined within what is hidden as a whole. */
function collect(value: unknown, mask: Mask | undefined, depth: number, into: string[]): void {
  if (value === undefined || value === null || into.length >= MAX_VALUES || depth > MAX_DEPTH) return;
  const inner = mask !== undefined && hides(mask, value) ? undefined : mask;
  if (typeof value === "object") {
    if (Array.isArray(value)) for (const one of value) collect(one, inner, depth + 1, into);
    else for (const [key, part] of Object.entries(value)) collectPart(part, { inner, key }, depth + 1, into);
    if (inner === undefined && value instanceof Date) into.push(String(value), JSON.stringify(value));
  } else if (inner === undefined && isShownAsItIs(value)) into.push(String(value));
}

function isShownAsItIs(value: unknown): value is string | number | bigint | boolean {
  return ["string", "number", "bigint", "boolean"].includes(typeof value);
}

function collectPart(
  part: unknown,
  { inner, key }: { readonly inner: Mask | undefined; readonly key: string },
  depth: number,
  into: string[],
): void {
  const mask = inner?.parts.get(key);
  if (inner === undefined || mask !== undefined) collect(part, mask, depth, into);
}

/** A value as texts quote it: as it is, as JSON, and both as `describe` shortens them. */
function spellingsOf(value: string): readonly string[] {
  const shortened = value.length > 60 ? [value.slice(0, 57)] : [];
  return [value, ...shortened].flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
}

function replaceIn(text: string, secret: string): string {
  if (secret.length >= MIN_LENGTH_WITHIN) return text.replaceAll(secret, MASKED);
  const alone = new RegExp(
    String.raw`(?<![\p{L}\p{N}_])${secret.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)}(?![\p{L}\p{N}_])`,
    "gu",
  );
  return text.replaceAll(alone, MASKED);
}
