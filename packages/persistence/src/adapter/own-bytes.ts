/** A copy of bytes; anything else stays as it is. Not by `slice`: that of a Buffer shares its bytes. */
export function ownBytes(data: string | Uint8Array): string | Uint8Array {
  return data instanceof Uint8Array ? new Uint8Array(data) : data;
}
