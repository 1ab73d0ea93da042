import { expect, test } from "vitest";
import { toText, type BenchRow } from "../src/report.ts";
import { rivalColumns } from "../src/rival-columns.ts";

const FULL = "SQLite, journal_mode=wal, synchronous=FULL";
const ROW: BenchRow = { id: "sqlite.seq", name: "append", unit: "events/s", value: 3_000 };
const rival = { measured: true, rate: 1_500, events: 10, version: "1.2.3", durability: FULL } as const;

function textOf(row: BenchRow): string {
  return toText({ suite: "store-sqlite", node: "v20", cpu: "2 x", durability: FULL, rows: [row] });
}

test("a rival with the same durability has its rate and the ratio in the table", () => {
  const columns = rivalColumns({ value: 3_000, durability: FULL }, rival);

  expect(columns).toEqual({ rival: 1_500, ratioToRival: 2 });
  expect(textOf({ ...ROW, ...columns })).toMatch(/sqlite\.seq +append +3,000 +events\/s +- +- +1,500 +2\.00 +-/);
});

test("a rival with another durability does not count, and the report says so", () => {
  const columns = rivalColumns(
    { value: 3_000, durability: FULL },
    { ...rival, durability: "SQLite, journal_mode=wal, synchronous=NORMAL" },
  );

  expect(columns).toEqual({
    rivalNote:
      "rival not comparable: it ran with SQLite, journal_mode=wal, synchronous=NORMAL, ours with SQLite, journal_mode=wal, synchronous=FULL",
  });
});

test("why a rival has no figure stands below the table", () => {
  const columns = rivalColumns({ value: 3_000, durability: FULL }, { measured: false, reason: "rival not installed: do this" });

  expect(columns).toEqual({ rivalNote: "rival not installed: do this" });
  expect(textOf({ ...ROW, ...columns })).toMatch(/\nsqlite\.seq: rival not installed: do this\n$/);
});

test("what a row is asked to reach stands beside whether it did, for the floor and for the rival", () => {
  expect(textOf({ ...ROW, target: 0.08, rivalTarget: 0.3, met: true })).toMatch(/ 0\.08 and 0\.3 of rival met\n/);
  expect(textOf({ ...ROW, rivalTarget: 4, met: false })).toMatch(/ 4 of rival NOT MET\n/);
  expect(textOf({ ...ROW, target: 0.3, met: true })).toMatch(/ 0\.3 met\n/);
});
