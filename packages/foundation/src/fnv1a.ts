/** A hash of a text, the same everywhere and for ever: FNV-1a of its UTF-16 units, as a signed integer of 32 bits. */
export function fnv1a(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  return hash;
}
