const BYTES = 16;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A UUID as the 16 bytes that are stored. */
export function bytesOfId(id: string): Buffer {
  return Buffer.from(id.replaceAll("-", ""), "hex");
}

/** The UUID, in lower case, that 16 stored bytes stand for. */
export function idOfBytes(bytes: Uint8Array): string {
  let id = "";
  for (let index = 0; index < BYTES; index++) {
    id += index === 4 || index === 6 || index === 8 || index === 10 ? `-${HEX[bytes[index] ?? 0]}` : HEX[bytes[index] ?? 0];
  }
  return id;
}
