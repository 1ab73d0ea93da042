import { checkObject, InvalidArgument } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { BASES } from "./bases.ts";
import { derives } from "./derives.ts";
import type { MessageDefinition, MessageOptions } from "./message-definition.ts";
import type { MessageBase } from "./message.ts";
import { checkSchema } from "./validation.ts";

/** What the factories take, with the parts that their overloads type more closely. */
export interface AnyMessageOptions extends MessageOptions {
  readonly schema?: StandardSchemaV1;
  readonly extends?: (abstract new (payload: never) => MessageBase) & { readonly definition?: MessageDefinition };
}

/** Checks what was declared of a message class and fills in the defaults. Errors: `invalid-argument`. */
export function defineMessage(kind: keyof typeof BASES, type: string, options: AnyMessageOptions): MessageDefinition {
  if (typeof type !== "string" || type.trim() === "" || type.startsWith("$")) {
    throw new InvalidArgument(`The type of the ${kind}`, "a name that is not blank and does not start with $", type);
  }
  checkObject(`The options of ${type}`, options);
  const { version = 1, upcasters = {}, schema, subject, sensitive = [] } = options;
  checkBase(kind, type, options.extends);
  if (!Number.isSafeInteger(version) || version < 1) throw new InvalidArgument(`The version of ${type}`, "an integer from 1", version);
  checkUpcasters(type, version, upcasters);
  if (schema !== undefined) checkSchema(`The schema of ${type}`, schema);
  if (subject !== undefined && !isName(subject)) throw new InvalidArgument(`The subject of ${type}`, "the name of a field", subject);
  checkSensitive(type, sensitive);
  const base = options.extends?.definition;
  return {
    kind,
    type,
    version,
    upcasters,
    schemas: [...(base?.schemas ?? []), ...(schema === undefined ? [] : [schema])],
    subject: subject ?? base?.subject,
    sensitive: [...new Set([...(base?.sensitive ?? []), ...sensitive])],
  };
}

function checkBase(kind: keyof typeof BASES, type: string, base: AnyMessageOptions["extends"] | null): void {
  if (base === undefined || base === BASES[kind] || (typeof base === "function" && derives(base, BASES[kind]))) return;
  throw new InvalidArgument(`The extends of ${type}`, `a class of the kind ${kind}`, base?.definition?.kind ?? base);
}

function checkSensitive(type: string, sensitive: readonly string[]): void {
  const what = `The sensitive fields of ${type}`;
  if (!Array.isArray(sensitive)) throw new InvalidArgument(what, "an array of names", sensitive);
  for (const name of sensitive) if (!isName(name)) throw new InvalidArgument(what, "names that are not blank", name);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function checkUpcasters(type: string, version: number, upcasters: NonNullable<MessageOptions["upcasters"]>): void {
  if (typeof upcasters !== "object" || upcasters === null)
    throw new InvalidArgument(`The upcasters of ${type}`, "an object with a function for each old version", upcasters);
  const from = Object.keys(upcasters).map(Number);
  const stray = from.find((old) => !Number.isSafeInteger(old) || old < 1 || old >= version);
  if (stray !== undefined) {
    throw new InvalidArgument(
      `An upcaster of ${type}`,
      `keyed by a version from 1 to ${version - 1}`,
      stray,
      "Its key is the version it starts from.",
    );
  }
  for (const upcaster of Object.values(upcasters))
    if (typeof upcaster !== "function") throw new InvalidArgument(`An upcaster of ${type}`, "a function", upcaster);
  const first = Math.min(...from);
  const missing = from.length === 0 ? undefined : sequence(first, version).find((old) => upcasters[old] === undefined);
  if (missing !== undefined) {
    throw new InvalidArgument(
      `The upcasters of ${type}`,
      `without a gap up to version ${version}`,
      from.join(", "),
      `Add one for version ${missing}.`,
    );
  }
}

function sequence(from: number, end: number): readonly number[] {
  return Array.from({ length: end - from }, (_, index) => from + index);
}
