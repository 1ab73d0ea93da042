import { InvalidArgument } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isThenable } from "./thenable.ts";
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

/** Holds what has this name against a schema. Errors: `invalid-message`; `invalid-argument` for a schema that is not synchronous, or answers with something else than a result. */
export function holdAgainst(schema: StandardSchemaV1, value: unknown, name: string): void {
  const result = schema["~standard"].validate(value);
  if (isThenable(result)) {
    Promise.resolve(result).catch(() => undefined);
    throw new InvalidArgument(`The schema of ${name}`, "synchronous", "a promise", "Check what needs waiting in the handler.");
  }
  const issues: unknown = (result as StandardSchemaV1.Result<unknown> | null | undefined)?.issues;
  if (typeof result === "object" && result !== null && issues === undefined) return;
  if (!Array.isArray(issues)) throw new InvalidArgument(`What the schema of ${name} answers`, "a value, or a list of issues", result);
  throw InvalidMessage.fromStandardSchema(name, issues);
}

/** Errors: `invalid-argument` for what is no Standard Schema. */
export function checkSchema(what: string, schema: StandardSchemaV1): void {
  const standard: unknown = (schema as Partial<StandardSchemaV1> | null)?.["~standard"];
  if (typeof (standard as Partial<StandardSchemaV1.Props> | null | undefined)?.validate === "function") return;
  throw new InvalidArgument(what, "a Standard Schema (https://standardschema.dev)", schema);
}
