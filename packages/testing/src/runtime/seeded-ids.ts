import type { Clock, Ids } from "@reactive-domain/core";
import type { SeededRandom } from "./seeded-random.ts";

const MAX_COUNTER = 0xfff;

/** UUIDs of version 7 that grow strictly, as in production, and are the same for the same time and seed. */
export function createSeededIds(clock: Clock, random: SeededRandom): Ids {
  let lastMs = -1;
  let counter = 0;
  return {
    next(): string {
      const nowMs = Math.floor(clock.now());
      counter = nowMs > lastMs ? 0 : counter + 1;
      lastMs = Math.max(nowMs, lastMs);
      if (counter > MAX_COUNTER) {
        lastMs++;
        counter = 0;
      }
      return format(lastMs, counter, random);
    },
  };
}

function format(timeMs: number, counter: number, random: SeededRandom): string {
  const time = hex(timeMs, 12);
  const tail = [0, 1, 2].map(() => hex(random.below(0x10000), 4)).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${hex(0x8000 | random.below(0x4000), 4)}-${tail}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
