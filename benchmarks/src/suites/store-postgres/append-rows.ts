import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rivalColumns } from "../../rival-columns.ts";
import { appendBy } from "../append-by.ts";
import { newAppends } from "../new-appends.ts";
import { appendToFloor, type AppendLoad, type Sharing } from "./append-floor.ts";
import { withStore } from "./our-store.ts";
import { runEmmett, type EmmettRun } from "./rival-runs.ts";

interface AppendRow extends AppendLoad {
  readonly run: EmmettRun;
  readonly name: string;
  readonly sharing: Sharing;
  /** Times the floor, and times the rival. */
  readonly floorTarget?: number;
  readonly rivalTarget: number;
}

const ROUNDS = 3;
const APPENDS: readonly AppendRow[] = [
  {
    run: "append.seq",
    name: "append 1 event, one after another",
    appends: 4_096,
    events: 1,
    callers: 1,
    sharing: "own",
    floorTarget: 0.75,
    rivalTarget: 1.5,
  },
  {
    run: "append.32",
    name: "append 1 event, 32 callers",
    appends: 32_768,
    events: 1,
    callers: 32,
    sharing: "own",
    floorTarget: 2,
    rivalTarget: 7,
  },
  {
    run: "append.256",
    name: "append 1 event, 256 callers",
    appends: 51_200,
    events: 1,
    callers: 256,
    sharing: "round",
    floorTarget: 0.5,
    rivalTarget: 8,
  },
  {
    run: "append.10x32",
    name: "append 10 events, 32 callers",
    appends: 8_192,
    events: 10,
    callers: 32,
    sharing: "round",
    rivalTarget: 2.25,
  },
];

/** Appends beside the same rows by hand, and beside Emmett's. */
export async function appendRows(url: string, onDurability: (seen: string) => void): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { run, name, sharing, floorTarget, rivalTarget, ...load } of APPENDS) {
    let durability = "";
    const ours = appendToStore(url, load, (seen) => (durability = seen));
    const rates = await compare(ours, appendToFloor(url, load, sharing, onDurability), ROUNDS);
    onDurability(durability);
    const rival = rivalColumns({ value: rates.value, durability }, await runEmmett(url, run));
    const ratioToFloor = rates.value / rates.floor;
    const isMet = ratioToFloor >= (floorTarget ?? 0) && (rival.ratioToRival ?? Number.POSITIVE_INFINITY) >= rivalTarget;
    const asked = `${floorTarget === undefined ? "" : `${floorTarget} of the floor, `}${rivalTarget} of the rival`;
    rows.push({ id: `postgres.${run}`, name: `${name} (asked: ${asked})`, unit: "events/s", ...rates, ratioToFloor, ...rival, met: isMet });
  }
  return rows;
}

/** Appends to a new store. */
function appendToStore(url: string, { appends, events, callers }: AppendLoad, onDurability: (seen: string) => void): Work {
  return {
    run: () =>
      withStore(url, "append", async (store) => {
        onDurability(store.durability);
        const load = newAppends(appends, events);
        return { units: appends * events, ms: await timed(() => appendBy(store, load, callers)) };
      }),
  };
}
