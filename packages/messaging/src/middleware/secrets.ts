import { definitionOf, type MessageBase } from "../message.ts";
import { readPart } from "../read-part.ts";
import { hides, MASKED, maskOf, type Mask } from "./mask.ts";
import { errorsBehind } from "./outcome.ts";

/** How many values of a message are looked for in texts, and in how many of its parts they are sought. */
const MAX_VALUES = 1_000;
const MAX_PARTS = 10_000;
/** Shorter values are replaced where they stand alone: they may be a part of any word. */
const MIN_LENGTH_WITHIN = 4;

/** By error, the texts that must not be shown of it; for whoever gets it, or one that it led to, further out. */
const known = new WeakMap<object, readonly string[]>();

/**
 * A text about what was thrown while a message was handled, without the message's sensitive values and those of messages that led to the error. `***` where they
 * cannot be looked for.
 */
export function withoutSecrets(text: string, thrown: unknown, message: MessageBase): string {
  try {
    const secrets = secretsBehind(thrown, message);
    return secrets.toSorted((one, other) => other.length - one.length).reduce(replaceIn, text);
  } catch {
    return MASKED;
  }
}

function secretsBehind(thrown: unknown, message: MessageBase): readonly string[] {
  const mask = maskOf(definitionOf(message));
  const own = mask === undefined ? [] : secretsIn(message, mask);
  const secrets = [...new Set([...own, ...[...errorsBehind(thrown)].flatMap((error) => known.get(error) ?? [])])];
  if (own.length > 0 && typeof thrown === "object" && thrown !== null) known.set(thrown, secrets);
  return secrets;
}

function secretsIn(message: MessageBase, mask: Mask): readonly string[] {
  const search = new Search();
  search.through(message, mask);
  return search.values.flatMap(spellingsOf).filter((text) => text !== "");
}

/** Goes through the parts of a message, each once, for they may refer to each other as they like. */
class Search {
  readonly values: string[] = [];
  /** By object, for which masks it was gone through. */
  readonly #seen = new Map<object, Set<Mask | undefined>>();
  #looks = 0;

  /** `mask` is undefined within what is hidden as a whole. */
  through(value: unknown, mask: Mask | undefined): void {
    this.#looks++;
    const inner = mask !== undefined && hides(mask, value) ? undefined : mask;
    if (inner === undefined) this.values.push(...textsOf(value));
    if (typeof value !== "object" || value === null || !this.#isNew(value, inner)) return;
    if (Array.isArray(value) || value instanceof Uint8Array) {
      for (let index = 0; index < value.length && !this.#isOver; index++) this.through(readPart(value, index), inner);
      return;
    }
    for (const key of inner === undefined ? Object.keys(value) : inner.parts.keys()) {
      if (this.#isOver) return;
      if (Object.hasOwn(value, key)) this.through(readPart(value, key), inner?.parts.get(key));
    }
  }

  get #isOver(): boolean {
    return this.values.length >= MAX_VALUES || this.#looks >= MAX_PARTS;
  }

  #isNew(value: object, mask: Mask | undefined): boolean {
    const masks = this.#seen.get(value);
    if (masks === undefined) this.#seen.set(value, new Set([mask]));
    else if (masks.has(mask)) return false;
    else masks.add(mask);
    return true;
  }
}

/** What texts may show of a value that is none of parts. */
function textsOf(value: unknown): readonly string[] {
  if (value instanceof Date) return [String(value), JSON.stringify(value)];
  return ["string", "number", "bigint", "boolean"].includes(typeof value) ? [String(value)] : [];
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
