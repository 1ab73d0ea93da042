import { describe, expect, it } from "vitest";
import { addressGroup } from "../../src/access/address-group.ts";
import { Attempts } from "../../src/access/attempts.ts";

const REFILL_MS = 5_000;

describe("failed attempts", () => {
  it("are free up to the most, then one comes back after each pause", () => {
    const { attempts, pass } = counted();
    for (let taken = 0; taken < 3; taken++) expect(attempts.take("ann")).toBe(0);
    expect(attempts.take("ann")).toBe(REFILL_MS);
    pass(REFILL_MS - 1);
    expect(attempts.take("ann")).toBe(1);
    pass(1);
    expect(attempts.take("ann")).toBe(0);
    expect(attempts.take("ann")).toBe(REFILL_MS);
  });

  it("of one name do not count for another", () => {
    const { attempts } = counted();
    for (let taken = 0; taken < 4; taken++) attempts.take("ann");
    expect(attempts.take("bob")).toBe(0);
  });

  it("are no failures when they are given back, and never more than the most are free", () => {
    const { attempts, pass } = counted();
    for (let tried = 0; tried < 10; tried++) {
      expect(attempts.take("ann")).toBe(0);
      attempts.giveBack("ann");
    }
    pass(100 * REFILL_MS);
    for (let taken = 0; taken < 3; taken++) expect(attempts.take("ann")).toBe(0);
    expect(attempts.take("ann")).toBe(REFILL_MS);
  });

  it("are forgotten of those that failed longest ago, where there are many", () => {
    const { attempts } = counted();
    for (let taken = 0; taken < 4; taken++) attempts.take("first");
    for (let other = 0; other < 10_000; other++) attempts.take(`other-${other}`);
    expect(attempts.take("first")).toBe(0);
  });
});

describe("callers by their address", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:1:2::9", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["a socket", "a socket"],
  ])("%s are those of %s", (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

/** Three attempts, one more after each pause, on a clock that stands still until time is passed. */
function counted() {
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  return { attempts: new Attempts(clock, { most: 3, refillMs: REFILL_MS }), pass: (ms: number) => void (nowMs += ms) };
}
