import { InvalidArgument } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { MessageDefinition, MessageKind, MessageOptions } from "./message-definition.ts";
import type { MessageBase } from "./message.ts";

/** What the factories take, with the parts that their overloads type more closely. */
export interface AnyMessageOptions extends MessageOptions {
  readonly schema?: StandardSchemaV1;
  readonly extends?: (abstract new (payload: never) => MessageBase) & { readonly definition?: MessageDefinition };
}

/** Checks what was declared of a message class and fills in the defaults. Errors: `invalid-argument`. */
export function defineMessage(kind: MessageKind, type: string, options: AnyMessageOptions): MessageDefinition {
  if (typeof type !== "string" || type.trim() === "" || type.startsWith("$")) {
    throw new InvalidArgument(`The type of the ${kind}`, "a name that is not blank and does not start with $", type);
  }
  const { version = 1, upcasters = {}, schema } = options;
  const base = options.extends?.definition;
  if (!Number.isSafeInteger(version) || version < 1) throw new InvalidArgument(`The version of ${type}`, "an integer from 1", version);
  checkUpcasters(type, version, upcasters);
  return {
    kind,
    type,
    version,
    upcasters,
    schemas: [...(base?.schemas ?? []), ...(schema === undefined ? [] : [schema])],
    subject: options.subject ?? base?.subject,
    sensitive: [...new Set([...(base?.sensitive ?? []), ...(options.sensitive ?? [])])],
  };
}

function checkUpcasters(type: string, version: number, upcasters: NonNullable<MessageOptions["upcasters"]>): void {
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
