import { boundedContext, connect, type EventStore } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { beginToTell, connectTallies, Tally, told } from "./tallies.ts";

type Step =
  | { readonly kind: "count"; readonly by: number }
  | { readonly kind: "shelf"; readonly items: number }
  | { readonly kind: "save" }
  | { readonly kind: "load" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("count" as const), by: fc.integer({ min: -9, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("shelf" as const), items: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("save" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("load" as const) }) },
);

/** The same aggregate, which keeps no snapshots. */
function withoutSnapshots(store: EventStore) {
  class Replayed extends Tally {
    static override readonly snapshots = undefined as never;
  }
  const { events } = connectTallies(store).context;
  return connect(boundedContext("tallies", { aggregates: [Replayed], events }), store).repository(Replayed);
}

const portraitOf = (tally: Tally) => ({ ...tally.takeSnapshot(), version: tally.expectedVersion });

beforeEach(beginToTell);

describe.each(everyStore)("laws of snapshots on $name", ({ name, open }) => {
  it("H17: snapshot and tail are the replay, wherever snapshots were taken", async () => {
    let restored = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), fc.integer({ min: 1, max: 7 }), async (steps, everyEvents) => {
        class Often extends Tally {
          static override readonly snapshots = { schemaVersion: 1, everyEvents };
        }
        beginToTell();
        const store = await open();
        const { events } = connectTallies(store).context;
        const context = connect(boundedContext("tallies", { aggregates: [Often], events }), store);
        const tallies = context.repository(Often);
        let tally = new Often("1");
        let shelves = 0;
        for (const { kind, ...facts } of steps) {
          if (kind === "count") tally.count((facts as { by: number }).by);
          else if (kind === "shelf") tally.addShelf(`s-${++shelves}`, (facts as { items: number }).items);
          else {
            await tallies.save(tally);
            await context.idle();
            if (kind === "load") tally = (await tallies.tryGetById("1")) ?? tally;
          }
        }
        await tallies.save(tally);
        await context.idle();
        const [loaded, replayed] = [await tallies.tryGetById("1"), await withoutSnapshots(store).tryGetById("1")];
        expect(loaded && portraitOf(loaded)).toEqual(replayed && portraitOf(replayed));
        expect(portraitOf(tally)).toEqual(portraitOf(replayed ?? new Often("1")));
        restored += told.restored;
      }),
      { numRuns: name === "memory" ? 100 : 8 },
    );
    expect(restored).toBeGreaterThan(0);
  });
});
