/** What a password is recognised by: what scrypt made of it, with its parameters (RFC 7914). */
export interface KeptPassword {
  readonly algorithm: "scrypt";
  /** Cost of time and memory, a power of 2. */
  readonly N: number;
  /** Size of a block. */
  readonly r: number;
  readonly p: number;
  /** In base64. */
  readonly salt: string;
  /** In base64. */
  readonly hash: string;
}

export const HASH_BYTES = 32;

/** More than this nobody here writes, and checking it would take the memory of the process. */
const MOST = { N: 2 ** 17, r: 16, p: 8 };

export function isKeptPassword(value: unknown): value is KeptPassword {
  if (typeof value !== "object" || value === null) return false;
  const { algorithm, N, r, p, salt, hash } = value as Partial<Record<keyof KeptPassword, unknown>>;
  const isWithin = isCount(N, MOST.N) && N > 1 && isCount(r, MOST.r) && isCount(p, MOST.p) && Number.isInteger(Math.log2(N));
  return algorithm === "scrypt" && isWithin && bytesOf(salt) > 0 && bytesOf(hash) === HASH_BYTES;
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most;
}

function bytesOf(base64: unknown): number {
  return typeof base64 === "string" ? Buffer.from(base64, "base64").length : 0;
}
