import type { Position } from "@reactive-domain/core";
import { createTestRuntime } from "@reactive-domain/testing";
import { expect, test } from "vitest";
import { BuildLine } from "../../src/commands/projections/build-line.ts";
import type { Progress } from "../../src/progress.ts";

const HALF = {
  projection: "balances",
  generation: 2,
  handled: 420_000,
  rate: 51_234.6,
  position: 499_999 as Position,
  head: 999_999 as Position,
  leftMs: 9_800,
};

interface Noted extends Progress {
  readonly shown: readonly string[];
  readonly told: readonly string[];
  readonly cleared: () => number;
}

function noted(isSeen: boolean): Noted {
  const [shown, told]: [string[], string[]] = [[], []];
  let cleared = 0;
  return {
    isSeen,
    shown,
    told,
    cleared: () => cleared,
    show: (text) => void shown.push(text),
    tell: (line) => void told.push(line),
    clear: () => void cleared++,
  };
}

test("a terminal shows a bar, how much is done, how fast, and how long it will take", () => {
  const progress = noted(true);
  using line = new BuildLine(progress);
  line.show(HALF);
  line.show({ ...HALF, position: null, handled: 0, rate: 0, leftMs: null });
  line.show({ ...HALF, position: HALF.head, handled: 1_000_000, leftMs: 0 });
  line.show({ ...HALF, position: null, head: null, leftMs: null, rate: 0, handled: 0 });
  line.show({ ...HALF, position: 999_998 as Position, leftMs: 7_384_000 });
  expect(progress.shown).toEqual([
    "[##########----------] balances 50%  420,000 events, 51,235 a second, 10 s left",
    "[--------------------] balances 0%  0 events, 0 a second",
    "[####################] balances 100%  1,000,000 events, 51,235 a second, 0 s left",
    "[####################] balances 100%  0 events, 0 a second",
    "[###################-] balances 99%  420,000 events, 51,235 a second, 2 h 3 min left",
  ]);
  expect(progress.told).toEqual([]);
});

test("where there is no terminal, a line is written every ten seconds", async () => {
  const virtual = createTestRuntime();
  const progress = noted(false);
  await virtual.run(async () => {
    using line = new BuildLine(progress);
    for (let shown = 0; shown < 42; shown++) {
      line.show(HALF);
      await virtual.clock.advanceBy(500);
    }
  });
  expect(progress.told).toEqual(Array.from({ length: 3 }, () => "balances 50%  420,000 events, 51,235 a second, 10 s left"));
});

test("what is told behind the end is not shown any more", () => {
  const progress = noted(true);
  const line = new BuildLine(progress);
  line[Symbol.dispose]();
  line.show(HALF);
  expect(progress.shown).toEqual([]);
  expect(progress.cleared()).toBe(1);
});
