import type { MessageMetadata } from "@reactive-domain/core";
import type { MessageClass } from "./message-types.ts";
import { MessageBase, type MetadataSource } from "./message.ts";

/**
 * Makes a message of known metadata from a payload that was read. For serializers and transports. What a class does for new messages is left out, its own
 * constructor and what it gives to fields: what was stored is what is read. With an `origin`, such as a recorded event, metadata is made of that when somebody asks:
 * one function then serves for all messages.
 *
 * Errors: `invalid-argument` for a payload that is no object, or has a key `__proto__`.
 */
export function instantiate<M extends MessageBase>(messageClass: MessageClass<M>, payload: object, metadata: MetadataSource): M;
export function instantiate<M extends MessageBase, O>(
  messageClass: MessageClass<M>,
  payload: object,
  metadata: (origin: O) => MessageMetadata,
  origin: O,
): M;
export function instantiate(messageClass: MessageClass, payload: object, metadata: unknown, origin?: unknown): object {
  return Reflect.construct(MessageBase, [payload, metadata, origin], messageClass);
}
