/** A message on its way between processes: already serialised, in the shape in which a store keeps an event. */
export interface TransportMessage {
  /** The message's own id. A message may arrive more than once; whoever receives tells by this that it has seen it. */
  readonly id: string;
  /** The stored type name. */
  readonly type: string;
  /** Version of the data's shape, from 1. */
  readonly schemaVersion: number;
  /** `application/json` for JSON text; anything else for bytes or other text. */
  readonly contentType: string;
  /** The payload, carried verbatim. */
  readonly data: string | Uint8Array;
  /** JSON text of an object, carried verbatim. */
  readonly metadata: string;
}

/** A message that nobody changes any more: frozen, with bytes of its own. */
export function copyMessage({ id, type, schemaVersion, contentType, data, metadata }: TransportMessage): TransportMessage {
  // Not data.slice(): that of a Buffer shares its bytes.
  const ownData = typeof data === "string" ? data : new Uint8Array(data);
  return Object.freeze({ id, type, schemaVersion, contentType, data: ownData, metadata });
}
