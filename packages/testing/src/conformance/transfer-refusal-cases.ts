import assert from "node:assert/strict";
import { copyStore, type EventStore, type TransferPart } from "@reactive-domain/persistence";
import { requiring, type ConformanceCase } from "./conformance-case.ts";
import { acquired } from "./leasing.ts";
import { moving } from "./moving.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog, logOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";
import { describeStream } from "./stream-changes.ts";
import { copied, place, transferCase } from "./transferring.ts";

async function assertTakesNothing(source: EventStore, target: EventStore, what: string): Promise<void> {
  const before = await logOf(target);
  await assertRefused(copyStore(source, target), "transfer-refused", what);
  assert.deepEqual(
    (await logOf(target)).map((event) => event.toJSON()),
    before.map((event) => event.toJSON()),
  );
  assert.equal((await target.transfer.status()).copy, null);
}

/** What is not taken. */
export const transferRefusalCases: readonly ConformanceCase[] = [
  transferCase("a store that has events of its own takes no copy, and stays as it was", async (source, target) => {
    await grow(source, "account-1", 2);
    const events = await grow(target, "account-1", 3);
    await assertTakesNothing(source, target, "a copy into a store with events");
    await assertLog(target, events, "of a store that refused a copy");
  }),

  ...requiring(
    ["checkpoints", "leases", "streamMetadata", "consumerGroups"],
    [
      transferCase("a store that has anything of its own but events takes no copy either", async (source, target) => {
        await grow(source, "account-1", 2);
        await target.groups.create("mailer", { source: { all: true } });
        await assertTakesNothing(source, target, "a copy into a store with a group");
      }),
      transferCase("a store that has given out a lease takes no copy", async (source, target) => {
        await acquired(target, "held", "worker-1");
        await assertTakesNothing(source, target, "a copy into a store with a lease");
      }),
      transferCase("a store in which something was said about a stream takes no copy", async (source, target) => {
        await describeStream(target, "account-1", { maxCount: 1 });
        await assertTakesNothing(source, target, "a copy into a store with a stream");
      }),
      transferCase("a checkpoint that is moved in a copy ends it", async (source, target) => {
        await grow(source, "account-1", 2);
        await copied(source, target);
        await target.write([moving("statements", null, 1)]);
        await assertTakesNothing(source, target, "a copy into one that goes on by itself");
      }),
    ],
  ),

  transferCase("a store takes no copy of itself", async (source) => {
    await assertTakesNothing(source, source, "an empty store into itself");
    await grow(source, "account-1", 2);
    await assertTakesNothing(source, source, "a store into itself");
  }),

  transferCase("a copy takes nothing of another log", async (source, target) => {
    await grow(source, "account-1", 2);
    const part: TransferPart = { kind: "events", log: "another log", after: null, events: [], upTo: place(4) };
    await target.transfer.take(part);
    await assertRefused(copyStore(source, target), "transfer-refused", "a copy into that of another log");
    assert.deepEqual((await target.transfer.status()).copy?.upTo, 4);
  }),

  transferCase("a copy that was written takes nothing more, also not of its source", async (source, target) => {
    await grow(source, "account-1", 2);
    await copied(source, target);
    await target.append("account-1", newEvents(1), { expectedVersion: "any" });
    await assertTakesNothing(source, target, "a copy into one that goes on by itself");
    await assertTakesNothing(target, source, "a copy back into its source");
  }),

  transferCase("a source that has lost its end is refused by its copy", async (source, target) => {
    await grow(source, "account-1", 4);
    await copied(source, target);
    const { log, copy } = await target.transfer.status();
    const end = { kind: "log", head: place(2), headTimeMs: 1, lastFence: 0 } as const;
    const part: TransferPart = { kind: "records", log, round: "round-2", index: 0, records: [end], isLast: true };
    await assertRefused(target.transfer.take(part), "transfer-refused", "a shorter log");
    assert.deepEqual((await target.transfer.status()).copy, copy);
  }),

  transferCase("events that are not in the order of the log are refused, and none of them is taken", async (source, target) => {
    await grow(source, "account-1", 3);
    const { log } = await source.transfer.status();
    const [first, second, third] = (await logOf(source)).map((event) => event.toJSON());
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const part = { kind: "events", log, after: null, upTo: place(2) } as const;
    await assertRefused(target.transfer.take({ ...part, events: [second, first] }), "invalid-write", "events out of order");
    await assertRefused(target.transfer.take({ ...part, events: [{ ...first, id: "x" }] }), "invalid-write", "an id that is none");
    await assertRefused(target.transfer.take({ ...part, events: [first], upTo: null }), "invalid-write", "an event behind the end");
    const late = new Date(first.time.getTime() - 1);
    await assertRefused(
      target.transfer.take({ ...part, events: [first, { ...second, time: late }] }),
      "invalid-write",
      "a time that goes back",
    );
    const twice = [first, { ...second, version: first.version }];
    await assertRefused(target.transfer.take({ ...part, events: twice }), "transfer-refused", "a version twice");
    await assertLog(target, [], "of a store that refused a part");
    assert.equal((await target.transfer.status()).copy, null);
  }),

  transferCase("a closed store neither hands out nor takes", async (source, target) => {
    await source.close();
    await assertRefused(source.transfer.status(), "already-closed", "the status");
    await assertRefused(copyStore(source, target), "already-closed", "a copy of a closed store");
    const part: TransferPart = { kind: "events", log: "a", after: null, events: [], upTo: null };
    await assertRefused(source.transfer.take(part), "already-closed", "a part");
  }),
];
