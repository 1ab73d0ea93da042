/** FNV-1a, 32 bits (RFC draft-eastlake-fnv). */
const OFFSET = 0x81_1c_9d_c5;
const PRIME = 0x01_00_01_93;

/** Which of so many lanes a key belongs to, whoever asks. */
export function laneOf(key: string, lanes: number): number {
  if (lanes === 1) return 0;
  let hash = OFFSET;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), PRIME);
  return (hash >>> 0) % lanes;
}
