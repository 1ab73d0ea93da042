import { createTimeOrderedIds, type Clock } from "@reactive-domain/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function clockOf(readings: readonly number[]): Clock {
  let index = 0;
  return { now: () => readings[Math.min(index++, readings.length - 1)] ?? 0, monotonicMs: () => 0 };
}

describe("time-ordered ids", () => {
  it("are UUIDs of version 7 that begin with the time in milliseconds", () => {
    const id = createTimeOrderedIds(clockOf([0x0190_1234_5678])).next();
    expect(id).toMatch(UUID_7);
    expect(id.startsWith("01901234-5678-7000-")).toBe(true);
  });

  it("are such UUIDs one and all, and each has random digits of its own", () => {
    const ids = createTimeOrderedIds(clockOf([1000]));
    const made = Array.from({ length: 3000 }, () => ids.next());
    for (const id of made) expect(id).toMatch(UUID_7);
    expect(new Set(made.map((id) => id.slice(19))).size).toBe(made.length);
    for (const place of [19, 20, 21, 22, 24, 35]) expect(new Set(made.map((id) => id[place])).size).toBe(place === 19 ? 4 : 16);
  });

  it("grow strictly, whatever the clock does", () => {
    const readings = fc.array(fc.nat(2 ** 40), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(readings, (times) => {
        const ids = createTimeOrderedIds(clockOf(times));
        const made = times.map(() => ids.next());
        expect(made).toEqual(made.toSorted());
        expect(new Set(made).size).toBe(made.length);
      }),
    );
  });

  it("of one millisecond go over into the next when their counter is full", () => {
    const ids = createTimeOrderedIds(clockOf([1000]));
    const made = Array.from({ length: 5000 }, () => ids.next());
    expect(made[4095]?.slice(0, 18)).toBe("00000000-03e8-7fff");
    expect(made[4096]?.slice(0, 18)).toBe("00000000-03e9-7000");
    expect(made).toEqual(made.toSorted());
  });

  it("of two sources with one clock differ", () => {
    const one = createTimeOrderedIds(clockOf([1]));
    const other = createTimeOrderedIds(clockOf([1]));
    expect(one.next()).not.toBe(other.next());
  });
});
