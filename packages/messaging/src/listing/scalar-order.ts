import type { Scalar } from "./listing.ts";

/** Less than 0 where the first comes before the second in ascending order. Nothing comes first. */
export function compareScalars(one: Scalar | null, other: Scalar | null): number {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  if (typeof one === "string" && typeof other === "string") return compareText(one, other);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** By code point, which is how databases compare UTF-8. JavaScript's own order differs for what lies above U+FFFF. */
function compareText(one: string, other: string): number {
  const end = Math.min(one.length, other.length);
  for (let index = 0; index < end; index++) {
    const unit = one.charCodeAt(index);
    const otherUnit = other.charCodeAt(index);
    if (unit !== otherUnit) return rank(unit) - rank(otherUnit);
  }
  return one.length - other.length;
}

/** Puts the halves of surrogate pairs, from 0xD800 to 0xDFFF, above all other units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
