import assert from "node:assert/strict";
import { version } from "@reactive-domain/core";
import type { EventStore, Gaps } from "@reactive-domain/persistence";
import { claim, makeGroup, settle } from "./group-work.ts";
import { acquired } from "./leasing.ts";
import { moving } from "./moving.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { numbersBelow } from "./reading.ts";
import { deleteStream, describeStream, tombstoneStream } from "./stream-changes.ts";

/** Puts of everything that a store may hold something into it, as far as it has it: hidden events, holes, an end that was scavenged. */
export async function fillStore(store: EventStore): Promise<void> {
  const has = (capability: keyof Gaps): boolean => store.gaps[capability] === undefined;
  await fillStreams(store);
  if (has("systemStreams"))
    await store.append("$$account-1", newEvents(2, { type: "$metadata" }), { expectedVersion: "noStream", systemStreams: true });
  await fillEndings(store, has);
  if (has("snapshots")) await fillSnapshots(store);
  if (has("leases")) await fillLeases(store);
  if (has("checkpoints")) await store.write([moving("statements", null, 5), moving("unguarded", null, 0)]);
  if (has("consumerGroups")) await fillGroups(store);
}

async function fillStreams(store: EventStore): Promise<void> {
  for (const turn of numbersBelow(12))
    await grow(store, `account-${turn % 3}`, 1 + (turn % 2), { type: turn % 2 === 0 ? "Sent" : "Received" });
  await store.append(
    "bytes-1",
    [
      newEvent({ contentType: "application/octet-stream", data: new Uint8Array([0, 255, 7]), metadata: '{"correlationId":"c-1"}' }),
      newEvent({ data: '{ "Größe" : 1.50 }', schemaVersion: 3, metadata: '{"correlationId":"c-1","a":"é"}' }),
    ],
    { expectedVersion: "noStream" },
  );
}

/** Streams that are deleted, written again, deleted for ever, cut, and spoken of; then a scavenge, behind which some events are hidden again. */
async function fillEndings(store: EventStore, has: (capability: keyof Gaps) => boolean): Promise<void> {
  for (const name of ["gone-1", "again-1", "barred-1", "cut-1"]) await grow(store, name, 4);
  if (has("softDelete")) for (const name of ["gone-1", "again-1"]) await deleteStream(store, name);
  if (has("tombstones")) for (const name of ["barred-1", "barred-2"]) await tombstoneStream(store, name);
  if (has("streamMetadata")) {
    await describeStream(store, "cut-1", { maxCount: 3, truncateBefore: version(1), custom: { owner: "Ada" } });
    await describeStream(store, "unborn-1", { maxAgeMs: 60_000 });
  }
  await grow(store, "again-1", 2);
  await grow(store, "last-1", 2);
  if (has("softDelete")) await deleteStream(store, "last-1");
  if (has("scavenge")) await store.scavenge();
  if (has("streamMetadata")) await describeStream(store, "account-1", { maxCount: 2 });
}

async function fillSnapshots(store: EventStore): Promise<void> {
  const content = { schemaVersion: 2, hash: "h", contentType: "application/json", data: '{"balance":1}' };
  await store.write([
    { kind: "snapshot", name: "account-1", version: 3, ...content },
    { kind: "snapshot", name: "picture", version: 0, ...content, contentType: "image/png", data: new Uint8Array([1, 2, 250]) },
  ]);
}

async function fillLeases(store: EventStore): Promise<void> {
  for (const worker of ["worker-1", "worker-1", "worker-1"]) await acquired(store, "held", worker);
  await store.leases.release(await acquired(store, "given-back", "worker-2"));
}

/** A group that has of everything something: settled, waiting for a retry, parked, behind a parked one, with a consumer. */
async function fillGroups(store: EventStore): Promise<void> {
  await store.groups.create("idle", { source: { category: "bytes" }, filter: { types: ["Sent"] }, from: "end", orderBy: "none" });
  await makeGroup(store, { source: { category: "account" }, maxAttempts: 7, retryDelayMs: 3_600_000, maxRetryDelayMs: 3_600_000 });
  const [first, second, , other] = await claim(store, { maxEvents: 4 });
  assert.ok(first !== undefined && second !== undefined && other !== undefined, "The first four events must come.");
  await settle(store, [first], "acknowledge");
  await settle(store, [second], "park", { error: "no address" });
  await settle(store, [other], "retry");
  await claim(store, { maxEvents: 2, consumer: "worker-2" });
}
