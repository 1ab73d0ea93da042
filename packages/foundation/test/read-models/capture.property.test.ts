import type { Checkpoint, EventFeed, EventStore, ReadModelSnapshot } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { injectFaults } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Account, AmountDeposited, openBank } from "../banking.ts";
import { deposit } from "../listeners/noted.ts";
import { Totals } from "./totals.ts";

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("deposit" as const), id: fc.constantFrom("1", "2"), amount: fc.nat({ max: 99 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), id: fc.constant(""), amount: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restore" as const), id: fc.constant(""), amount: fc.constant(0) }) },
  ),
  { maxLength: 14 },
);
const plans = fc.record({ steps, feeds: fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }) });

let runs = 0;

/** Accounts of their own, in a context of their own name: one store serves all runs. */
function openAccounts(store: EventStore) {
  const opened = openBank(store);
  const prefix = `r${runs++}`;
  const ids = { 1: `${prefix}-1`, 2: `${prefix}-2` };
  const { bank } = opened;
  const feeds: readonly EventFeed[] = [
    bank.aggregate(Account, ids[1]),
    bank.aggregate(Account, ids[2]),
    bank.category(Account),
    bank.eventType(AmountDeposited),
    bank.all(),
  ];
  return { ...opened, ids, feeds };
}

async function restoredFrom(snapshot: ReadModelSnapshot | undefined, feeds: readonly EventFeed[]): Promise<Totals> {
  const model = new Totals();
  if (snapshot !== undefined) model.restore(JSON.parse(JSON.stringify(snapshot)) as ReadModelSnapshot);
  // Feeds find their own places, in whatever order.
  for (const feed of snapshot === undefined ? feeds : feeds.toReversed())
    await model.start(feed, { resume: { minDelayMs: 0.01, maxDelayMs: 0.02 } });
  return model;
}

const byFeed = (checkpoints: readonly Checkpoint[]): readonly Checkpoint[] =>
  checkpoints.toSorted((one, other) => one.feed.localeCompare(other.feed));

describe.each(everyStore)("laws of snapshots of read models on $name", ({ name, open }) => {
  it("K2, K10: captured and restored at any moment, and dropped, a model ends as if it had never stopped", async () => {
    const faults = injectFaults(await open());
    await fc.assert(
      fc.asyncProperty(plans, async ({ steps: planned, feeds: chosen }) => {
        const { accounts, ids, feeds: all } = openAccounts(faults.store);
        const feeds = all.filter((_, index) => chosen.includes(index));
        const never = await restoredFrom(undefined, feeds);
        let model = await restoredFrom(undefined, feeds);
        await model.live;
        for (const { kind, id, amount } of planned) {
          if (kind === "deposit") await deposit(accounts, ids[id as "1" | "2"], amount);
          else if (kind === "drop") faults.dropSubscriptions();
          else {
            const snapshot = await model.capture();
            await model.close();
            model = await restoredFrom(snapshot, feeds);
            await model.live;
          }
        }
        await Promise.all([model.caughtUp(), never.caughtUp()]);
        expect(new Map(model.takeSnapshot())).toEqual(new Map(never.takeSnapshot()));
        expect(byFeed(model.checkpoints)).toEqual(byFeed(never.checkpoints));
        await Promise.all([model.close(), never.close()]);
      }),
      { numRuns: name === "memory" ? 60 : 10 },
    );
  });
});
