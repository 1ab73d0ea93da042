/** An id on the wire: as text, or as two signed 64-bit halves. */
export interface WireUuid {
  readonly string?: string;
  readonly structured?: { readonly most_significant_bits?: string; readonly least_significant_bits?: string };
}

/** How a client wants ids. */
export type UuidForm = "string" | "structured";

/** An id as text in lower case, or `undefined` where none was sent. Not all of what comes is a UUID: the store says so. */
export function uuidText(uuid: WireUuid | null | undefined): string | undefined {
  if (uuid?.structured !== undefined && uuid.structured !== null) {
    const { most_significant_bits: most = "0", least_significant_bits: least = "0" } = uuid.structured;
    const hex = hexOf(most) + hexOf(least);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
  return uuid?.string?.toLowerCase();
}

/** The halves of an id that is a UUID in text. */
export function uuidHalves(uuid: string): readonly [most: bigint, least: bigint] {
  const hex = uuid.replaceAll("-", "");
  return [BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)), BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`))];
}

function hexOf(half: string): string {
  return BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, "0");
}
