/** How a client wants ids: as text, or as two signed 64-bit halves. */
export type UuidForm = "string" | "structured";

/** The halves of an id that is a UUID in text. */
export function uuidHalves(uuid: string): readonly [most: bigint, least: bigint] {
  const hex = uuid.replaceAll("-", "");
  return [BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)), BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`))];
}

/** An id as text in lower case. */
export function uuidOfHalves(most: bigint, least: bigint): string {
  const hex = hexOf(most) + hexOf(least);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function hexOf(half: bigint): string {
  return BigInt.asUintN(64, half).toString(16).padStart(16, "0");
}
