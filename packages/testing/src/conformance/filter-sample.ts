import assert from "node:assert/strict";
import type { EventFilter, EventStore, ReadSource } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { Follower } from "./follower.ts";
import { grow } from "./new-event.ts";
import { eventsOf, positionsOf } from "./reading.ts";

const ALL: ReadSource = { all: true };

/** A filter, and the positions that it lets through. */
export interface FilterSample {
  readonly filter: EventFilter;
  /** Default: the whole log. */
  readonly source?: ReadSource;
  readonly positions: readonly number[];
}

/** Events to filter. */
export interface FilterLog {
  /** How many there are. */
  readonly count: number;
  /** Writes them all, in their order. */
  readonly write: (store: EventStore) => Promise<unknown>;
}

/** The cases of samples that have a name in common: one for reads, one for subscriptions. */
export function filterCasesOf(name: string, samples: readonly FilterSample[], log: FilterLog): readonly ConformanceCase[] {
  return [
    storeCase(`a filter ${name}, read forwards and backwards`, ["F11"], async (store) => {
      await log.write(store);
      for (const sample of samples) await readsFiltered(store, sample);
    }),

    storeCase(`a filter ${name}, in a subscription, of history and of what comes later`, ["F11"], async (store) => {
      await log.write(store);
      const followers = samples.map((sample) => ({
        sample,
        follower: new Follower(store.subscribe(sample.source ?? ALL, { filter: sample.filter, maxBatchEvents: 2 })),
      }));
      for (const { follower } of followers) await follower.untilLive();
      await log.write(store);
      const { length } = await grow(store, "unrelated-1", 1, { type: "Unrelated" });
      for (const { sample, follower } of followers) {
        await follower.untilUpTo(2 * log.count + length - 1);
        const expected = [...sample.positions, ...sample.positions.map((position) => position + log.count)];
        const seen = positionsOf(follower.events).filter((position) => position < 2 * log.count);
        assert.deepEqual(seen, expected, JSON.stringify(sample));
        await follower.subscription.close();
      }
    }),
  ];
}

async function readsFiltered(store: EventStore, { filter, source = ALL, positions }: FilterSample): Promise<void> {
  for (const maxBatchEvents of [1, 2, 250]) {
    const what = `${JSON.stringify({ source, filter })} by ${maxBatchEvents}`;
    assert.deepEqual(positionsOf(await eventsOf(store.read(source, { filter, maxBatchEvents }))), positions, what);
    const backwards = await eventsOf(store.read(source, { filter, maxBatchEvents, direction: "backwards" }));
    assert.deepEqual(positionsOf(backwards), positions.toReversed(), `${what}, backwards`);
  }
}
