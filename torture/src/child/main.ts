import { createInterface } from "node:readline";
import type { Orders } from "../protocol.ts";
import { storeAt } from "../stores.ts";
import { ENTRY_CALLERS, GROUPS, ORDER_CALLERS, TRANSFER_CALLERS, WORK_CALLERS } from "../workload.ts";
import { runCleaner } from "./cleaner.ts";
import { createGroups, runConsumer } from "./consumer.ts";
import { Desk } from "./desk.ts";
import { runMember } from "./members.ts";
import { runEffects, runJournal } from "./projections.ts";
import { report } from "./reporter.ts";
import { sabotaged, sabotagedOrders } from "./sabotage.ts";
import { sabotagedViews } from "./sabotaged-views.ts";
import { runTallies } from "./tallies.ts";
import { runWorker } from "./worker.ts";
import { runStreamWriter, runTransfers } from "./writers.ts";

const CONSUMERS = 2;
const LONGEST_LIFE_MS = 120_000;

// A child outlives neither its parent nor its time.
setTimeout(() => process.exit(1), LONGEST_LIFE_MS).unref();
const tortured = await storeAt(process.argv[2] ?? "");
report({ kind: "ready" });
const lines = createInterface({ input: process.stdin });
lines.once("close", () => process.exit(1));
lines.once("line", (line) => {
  runChild(sabotagedOrders(JSON.parse(line) as Orders)).then(
    () => process.exit(0),
    (error: unknown) => {
      report({ kind: "fault", what: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      process.exit(1);
    },
  );
});

async function runChild(orders: Orders): Promise<void> {
  await using store = await tortured.open();
  report({ kind: "open" });
  const desk = new Desk(sabotaged(store, orders.sabotage), orders);
  await createGroups(desk);
  await using views = await tortured.openViews();
  const kept = sabotagedViews(views, orders.sabotage);
  const followers = (): readonly Promise<void>[] => [...followersOf(desk), runTallies(desk, kept, tortured.lanes)];
  await Promise.all([...writersOf(desk), ...(orders.isLast ? [] : followers())]);
  if (orders.isLast) await Promise.all(followers());
}

/** Writers run beside followers until they are killed; in the last life they only repeat, and the followers come after them. */
function writersOf(desk: Desk): readonly Promise<void>[] {
  const many = (count: number, run: (index: number) => Promise<void>): readonly Promise<void>[] =>
    Array.from({ length: count }, (_, index) => run(index));
  return [
    ...many(ENTRY_CALLERS, (index) => runStreamWriter(desk, "entry", index)),
    ...many(ORDER_CALLERS, (index) => runStreamWriter(desk, "order", index)),
    ...many(TRANSFER_CALLERS, (index) => runTransfers(desk, index)),
    ...many(WORK_CALLERS, (index) => runWorker(desk, index)),
    ...(desk.orders.slot === "a" ? [runCleaner(desk)] : []),
  ];
}

function followersOf(desk: Desk): readonly Promise<void>[] {
  const consumers = Object.keys(GROUPS).flatMap((group) =>
    Array.from({ length: CONSUMERS }, (_, index) => runConsumer(desk, group, index)),
  );
  const members = (["mailers", "printers"] as const).flatMap((group) =>
    Array.from({ length: CONSUMERS }, (_, index) => runMember(desk, group, index)),
  );
  return [runEffects(desk), runJournal(desk), ...consumers, ...members];
}
