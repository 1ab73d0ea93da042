import type { MessageClass } from "./message-types.ts";
import { MessageBase, type MetadataSource } from "./message.ts";

/**
 * Makes a message of known metadata from a payload that was read. For serializers and transports. What a class does for new messages is left out, its own
 * constructor and what it gives to fields: what was stored is what is read.
 *
 * Errors: `invalid-argument` for a payload that is no object, or has a key `__proto__`.
 */
export function instantiate<M extends MessageBase>(messageClass: MessageClass<M>, payload: object, metadata: MetadataSource): M {
  return Reflect.construct(MessageBase, [payload, metadata], messageClass) as M;
}
