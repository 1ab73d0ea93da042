import { randomFillSync } from "node:crypto";
import type { Clock } from "./clock.ts";

/** Where new ids come from. */
export interface Ids {
  /** A new UUID: 36 lower-case characters with dashes. */
  next(): string;
}

const POOL_BYTES = 8 * 512;
const MAX_COUNTER = 0xfff;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of time, a counter of 12 bits that keeps the ids of one millisecond in order, 62 random bits.
 * Ids of one source grow strictly, also when the clock goes back. Their order keeps the indexes of a store compact.
 */
export function createTimeOrderedIds(clock: Clock): Ids {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  let lastMs = -1;
  let counter = 0;

  return {
    next(): string {
      const nowMs = clock.now();
      if (nowMs > lastMs) {
        lastMs = nowMs;
        counter = 0;
      } else if (++counter > MAX_COUNTER) {
        lastMs++;
        counter = 0;
      }
      if (used === POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const id = format(lastMs, counter, pool, used);
      used += 8;
      return id;
    },
  };
}

function format(timeMs: number, counter: number, random: Uint8Array, at: number): string {
  const time = timeMs.toString(16).padStart(12, "0");
  const variant = HEX[((random[at] ?? 0) & 0x3f) | 0x80] ?? "80";
  const middle = `${variant}${hex(random, at + 1)}-${hex(random, at + 2)}${hex(random, at + 3)}`;
  const end = `${hex(random, at + 4)}${hex(random, at + 5)}${hex(random, at + 6)}${hex(random, at + 7)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${middle}${end}`;
}

function hex(bytes: Uint8Array, index: number): string {
  return HEX[bytes[index] ?? 0] ?? "00";
}
