import { InvalidArgument } from "@reactive-domain/core";
import { InvalidMessage } from "./errors.ts";
import { definitionOf, type MessageBase } from "./message.ts";

/** Holds a message against the schemas of its class and of those that it derives from; one without a schema passes. Errors: `invalid-message`. */
export function validate(message: MessageBase): void {
  const { schemas, type } = definitionOf(message);
  for (const schema of schemas) {
    const result = schema["~standard"].validate(message);
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new InvalidArgument(`The schema of ${type}`, "synchronous", "a promise", "Check what needs waiting in the handler.");
    }
    if (result.issues !== undefined) throw InvalidMessage.fromStandardSchema(type, result.issues);
  }
}
