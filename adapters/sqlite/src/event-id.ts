const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A UUID as the 16 bytes that are stored. */
export function bytesOfId(id: string): Buffer {
  return Buffer.from(id.replaceAll("-", ""), "hex");
}

/** The UUID, in lower case, that 16 stored bytes stand for. */
export function idOfBytes(bytes: Uint8Array): string {
  const at = (index: number): string => HEX[bytes[index] ?? 0] ?? "";
  return (
    `${at(0)}${at(1)}${at(2)}${at(3)}-${at(4)}${at(5)}-${at(6)}${at(7)}-` +
    `${at(8)}${at(9)}-${at(10)}${at(11)}${at(12)}${at(13)}${at(14)}${at(15)}`
  );
}
