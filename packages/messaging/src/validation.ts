import { InvalidArgument } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidMessage } from "./errors.ts";
import type { MessageDefinition } from "./message-definition.ts";
import { definitionOf, type MessageBase } from "./message.ts";

/** Holds a message against the schemas of its class and of those that it derives from; one without a schema passes. Errors: `invalid-message`. */
export function validate(message: MessageBase): void {
  validateAs(message, definitionOf(message));
}

/** The same, for those who know its definition. */
export function validateAs(message: MessageBase, { schemas, type }: MessageDefinition): void {
  for (const schema of schemas) holdAgainst(schema, message, type);
}

/** Holds what has this name against a schema. Errors: `invalid-message`; `invalid-argument` for a schema that is not synchronous. */
export function holdAgainst(schema: StandardSchemaV1, value: unknown, name: string): void {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new InvalidArgument(`The schema of ${name}`, "synchronous", "a promise", "Check what needs waiting in the handler.");
  }
  if (result.issues !== undefined) throw InvalidMessage.fromStandardSchema(name, result.issues);
}
