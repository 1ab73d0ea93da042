import type { MessageClass, MessageStatics } from "./message-types.ts";
import type { MessageBase, MetadataSource } from "./message.ts";

type Constructor<M> = MessageStatics & (new (payload: object, metadata: MetadataSource) => M);

/** Makes a message of known metadata from a payload that was read. For serializers and transports. */
export function instantiate<M extends MessageBase>(messageClass: MessageClass<M>, payload: object, metadata: MetadataSource): M {
  const construct: unknown = messageClass;
  return new (construct as Constructor<M>)(payload, metadata);
}
