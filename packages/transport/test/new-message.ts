import type { TransportMessage } from "@reactive-domain/transport";

/** A message that differs from others in its id and its data. */
export function newMessage(id: string, parts: Partial<TransportMessage> = {}): TransportMessage {
  return {
    id,
    type: "ParcelSent",
    schemaVersion: 1,
    contentType: "application/json",
    data: JSON.stringify({ parcel: id }),
    metadata: "{}",
    ...parts,
  };
}

/** Messages with these ids. */
export function newMessages(...ids: readonly string[]): readonly TransportMessage[] {
  return ids.map((id) => newMessage(id));
}
