import { randomFillSync } from "node:crypto";
import type { Clock } from "./clock.ts";

/** Where new ids come from. */
export interface Ids {
  /** A new UUID: 36 lower-case characters with dashes. */
  next(): string;
}

const IDS_A_POOL = 512;
/** Random bytes of an id. */
const BYTES = 8;
const MAX_COUNTER = 0xfff;
const DIGITS = Buffer.from("0123456789abcdef");
/** Version and variant stand where RFC 9562 wants them. */
const LAYOUT = "00000000-0000-7000-8000-000000000000";
const COUNTER_AT = 15;
const VARIANT_AT = 19;

/**
 * UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of time, a counter of 12 bits that keeps the ids of one millisecond in order, 62 random bits.
 * Ids of one source grow strictly, also when the clock goes back. Their order keeps the indexes of a store compact.
 */
export function createTimeOrderedIds(clock: Clock): Ids {
  const random = Buffer.alloc(IDS_A_POOL * BYTES);
  let used = random.length;
  let lastMs = -1;
  let counter = 0;
  // An id that is joined of pieces of text holds on to the pieces for as long as it is kept: three times its size.
  const text = Buffer.from(LAYOUT);

  return {
    next(): string {
      const nowMs = clock.now();
      if (nowMs > lastMs || ++counter > MAX_COUNTER) {
        lastMs = Math.max(nowMs, lastMs + 1);
        counter = 0;
        writeTime(text, lastMs);
      }
      if (used === random.length) {
        randomFillSync(random);
        used = 0;
      }
      writeCounter(text, counter);
      writeRandom(text, random, used);
      used += BYTES;
      return text.toString("latin1");
    },
  };
}

function writeTime(text: Buffer, timeMs: number): void {
  const time = timeMs.toString(16).padStart(12, "0");
  text.write(`${time.slice(0, 8)}-${time.slice(8)}`);
}

function writeCounter(text: Buffer, counter: number): void {
  text[COUNTER_AT] = digit(counter >> 8);
  writeByte(text, COUNTER_AT + 1, counter & 0xff);
}

function writeRandom(text: Buffer, random: Buffer, from: number): void {
  const first = random[from] ?? 0;
  text[VARIANT_AT] = digit(0b1000 | ((first >> 4) & 0b11));
  text[VARIANT_AT + 1] = digit(first & 0xf);
  writeByte(text, VARIANT_AT + 2, random[from + 1] ?? 0);
  for (let index = 2, at = VARIANT_AT + 5; index < BYTES; index++, at += 2) writeByte(text, at, random[from + index] ?? 0);
}

function writeByte(text: Buffer, at: number, byte: number): void {
  text[at] = digit(byte >> 4);
  text[at + 1] = digit(byte & 0xf);
}

function digit(value: number): number {
  return DIGITS[value] ?? 0;
}
