import { compare } from "../../measure.ts";
import type { BenchReport, BenchRow } from "../../report.ts";
import { appendToFloor, appendToStore, type AppendLoad } from "./append-work.ts";
import { growthRows } from "./growth-rows.ts";
import { loopRows } from "./loop-rows.ts";
import { readRows } from "./read-rows.ts";
import { rivalRows } from "./rival-rows.ts";
import { rowOf } from "../row-of.ts";

interface AppendRow extends AppendLoad {
  readonly id: string;
  readonly name: string;
  readonly target: number;
}

const ROUNDS = 5;
const APPENDS: readonly AppendRow[] = [
  { id: "sqlite.append.seq", name: "append 1 event, one after another", appends: 12_288, events: 1, callers: 1, target: 0.75 },
  { id: "sqlite.append.256", name: "append 1 event, 256 callers", appends: 51_200, events: 1, callers: 256, target: 0.6 },
  { id: "sqlite.append.10x32", name: "append 10 events, 32 callers", appends: 8_192, events: 10, callers: 32, target: 0.7 },
];

/** The embedded store beside the same rows by hand. */
export async function runStoreSqliteSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const durability = new Set<string>();
  const appends = await appendRows((seen) => durability.add(seen));
  const rows = [...appends, ...(await readRows()), ...(await loopRows()), ...(await rivalRows()), ...(await growthRows())];
  return { durability: [...durability].join("; "), rows };
}

async function appendRows(onDurability: (seen: string) => void): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { id, name, target, ...load } of APPENDS) {
    const rates = await compare(appendToStore(load, onDurability), appendToFloor(load, onDurability), ROUNDS);
    rows.push(rowOf({ id, name, unit: "events/s", ...rates, target }));
  }
  return rows;
}
