import assert from "node:assert/strict";
import { yieldToLoop } from "@reactive-domain/core";
import { copyStore, type EventStore, type TransferPart } from "@reactive-domain/persistence";
import { requiring, type ConformanceCase, type StoreFactory } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { fillStore } from "./filled-store.ts";
import { claim, GROUP, makeGroup, settle } from "./group-work.ts";
import { acquired, LONG_MS } from "./leasing.ts";
import { moving } from "./moving.ts";
import { grow, newEvents } from "./new-event.ts";
import { logOf, numbersBelow } from "./reading.ts";
import { assertRefused } from "./refusal.ts";
import { portraitOf } from "./store-portrait.ts";
import { copied, partsOf, recordsOf, roundOf, transferCase } from "./transferring.ts";

const STOP = new Error("stop here");

/** Copies until so many parts are taken; tells whether there were that many. */
async function copyParts(source: EventStore, target: EventStore, count: number): Promise<boolean> {
  const stop = new AbortController();
  let taken = 0;
  const onPart = (): void => {
    if (++taken === count) stop.abort(STOP);
  };
  const copy = copyStore(source, target, { maxPartEvents: 5, signal: stop.signal, onPart });
  const error = await inTime(
    copy.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
    "The end of a copy that is stopped",
  );
  assert.ok(error === undefined || error === STOP, `A copy that is stopped must say so, but says: ${String(error)}`);
  return error === STOP;
}

async function assertWhole(source: EventStore, target: EventStore, when: string): Promise<void> {
  assert.deepEqual(await recordsOf(target), await recordsOf(source), `Records must be those of the source ${when}.`);
  assert.deepEqual(await portraitOf(target), await portraitOf(source), `The copy must be as its source ${when}.`);
}

/** Writes, and handles what is written, until it is told to stop. */
async function workOn(store: EventStore, signal: AbortSignal): Promise<void> {
  const hasGroups = store.gaps.consumerGroups === undefined;
  if (hasGroups) await makeGroup(store);
  for (let turn = 0; !signal.aborted; turn++) {
    await Promise.all(["account-1", "account-2"].map((stream) => grow(store, stream, 1 + (turn % 2))));
    const deliveries = hasGroups ? await claim(store, { maxEvents: 2 }) : [];
    if (deliveries.length > 0) await settle(store, deliveries, "acknowledge");
    await yieldToLoop();
  }
}

/** Asserts that what a copy says of streams and groups fits its events. */
async function assertOfOneMoment(copy: EventStore): Promise<void> {
  const { head, copy: progress } = await copy.transfer.status();
  const log = await logOf(copy);
  assert.deepEqual([progress?.isLevel, progress?.upTo, log.length - 1], [true, head, head ?? -1]);
  for (const stream of ["account-1", "account-2"]) {
    const { lastVersion } = await copy.streamInfo(stream);
    assert.equal(lastVersion, log.findLast((event) => event.stream === stream)?.version ?? null, "A stream must end with its last event.");
  }
}

/** A case that needs many targets. */
function targetsCase(name: string, check: (source: EventStore, open: StoreFactory) => Promise<void>): ConformanceCase {
  return {
    name,
    behaviours: [],
    async run(open) {
      await using source = await inTime(open(), "An open store");
      await check(source, open);
    },
  };
}

/** How a copy proceeds: part by part, each once. */
export const transferProgressCases: readonly ConformanceCase[] = [
  targetsCase("a copy that was stopped, behind whichever part, goes on from there and comes out whole", async (source, open) => {
    await fillStore(source);
    for (let count = 1, isStopped = true; isStopped; count++) {
      await using target = await inTime(open(), "An open store");
      isStopped = await copyParts(source, target, count);
      await copied(source, target);
      await assertWhole(source, target, `when it was stopped behind part ${count}`);
    }
  }),

  transferCase("a part that is taken again changes nothing", async (source, target) => {
    await fillStore(source);
    const parts = await partsOf(source);
    for (const [index, part] of parts.entries()) {
      const progress = await target.transfer.take(part);
      for (const again of parts.slice(0, index + 1)) assert.deepEqual(await target.transfer.take(again), progress);
    }
    await assertWhole(source, target, "after every part was taken again and again");
  }),

  transferCase("of a part that was taken in part the rest is taken", async (source, target) => {
    await grow(source, "account-1", 5);
    const events = (await logOf(source)).map((event) => event.toJSON());
    const { log } = await source.transfer.status();
    const upTo = (index: number): TransferPart => ({
      kind: "events",
      log,
      after: null,
      events: events.slice(0, index + 1),
      upTo: events[index]?.position ?? null,
    });
    await target.transfer.take(upTo(1));
    await target.transfer.take(upTo(4));
    for (const part of await roundOf(source)) await target.transfer.take(part);
    await assertWhole(source, target, "after parts that overlap");
  }),

  transferCase("a part that comes before its turn is refused, and nothing of it is taken", async (source, target) => {
    await fillStore(source);
    const parts = await partsOf(source);
    for (const [index, part] of parts.entries()) {
      const before = await target.transfer.status();
      for (const early of parts.slice(index + 1))
        await assertRefused(target.transfer.take(early), "transfer-refused", "a part before its turn");
      assert.deepEqual(await target.transfer.status(), before);
      await target.transfer.take(part);
    }
    await assertWhole(source, target, "after parts that came too early");
  }),

  transferCase("what has come to the source, and what has gone from it, comes with the next copy", async (source, target) => {
    await fillStore(source);
    await copied(source, target);
    await grow(source, "account-9", 2);
    const { gaps } = source;
    if (gaps.checkpoints === undefined) await source.write([moving("statements", 5, null), moving("unguarded", 0, 8)]);
    if (gaps.leases === undefined) await acquired(source, "held", "worker-1");
    if (gaps.streamMetadata === undefined) await source.write([{ kind: "metadata", stream: "unborn-1", metadata: {} }]);
    if (gaps.softDelete === undefined) await source.write([{ kind: "delete", stream: "account-1", expectedVersion: "any" }]);
    if (gaps.consumerGroups === undefined) {
      await source.groups.delete("idle");
      await source.groups.replayParked(GROUP);
      await settle(source, await claim(source, { consumer: "worker-3" }), "acknowledge");
    }
    await copied(source, target);
    await assertWhole(source, target, "after the second copy");
  }),

  transferCase("a copy of a store that is in use is the store as it was at one moment", async (source, target) => {
    const stop = new AbortController();
    const writers = workOn(source, stop.signal);
    try {
      for (const _ of numbersBelow(3)) {
        // In parts that are large enough to keep up with the writers.
        await copied(source, target, { maxPartEvents: 1_000 });
        await assertOfOneMoment(target);
      }
    } finally {
      stop.abort();
      await inTime(writers, "The end of writers");
    }
    await copied(source, target);
    assert.deepEqual(await recordsOf(target), await recordsOf(source));
  }),

  ...requiring(
    ["leases", "checkpoints", "consumerGroups"],
    [
      transferCase("a copy that is not whole yet refuses to be changed otherwise, and can be read", async (source, target) => {
        await fillStore(source);
        await copyParts(source, target, 2);
        const events = (await logOf(target)).length;
        assert.ok(events > 0, "What was taken must be there to be read.");
        const append = { kind: "append", stream: "account-1", expectedVersion: "any", events: newEvents(1) } as const;
        await assertRefused(target.write([append]), "copy-under-way", "a write");
        await assertRefused(target.write([moving("statements", null, 0)]), "copy-under-way", "a checkpoint");
        await assertRefused(target.leases.acquire("held", { owner: "me", durationMs: LONG_MS }), "copy-under-way", "a lease");
        await assertRefused(target.groups.create("mine", { source: { all: true } }), "copy-under-way", "a group");
        if (target.gaps.scavenge === undefined) await assertRefused(target.scavenge(), "copy-under-way", "a scavenge");
        await copied(source, target);
        await assertWhole(source, target, "after it was finished");
        await target.write([append]);
      }),
    ],
  ),
];
