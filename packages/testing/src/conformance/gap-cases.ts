import assert from "node:assert/strict";
import { position } from "@reactive-domain/core";
import { fence, type Capability, type EventStore, type Gaps, type Trait } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { newEvents } from "./new-event.ts";
import { assertRefused } from "./refusal.ts";

const [stream, name, owner] = ["account-1", "balances", "worker-1"];

/** What is seen in what a store gives, and in no call. */
const TRAITS: readonly Trait[] = ["densePositions", "hiddenInViews", "deletedAsMissing", "settledTogether", "sharedOrder"];

/** One call of each other capability. */
const CALLS: Readonly<Record<Exclude<Capability, Trait>, (store: EventStore) => Promise<unknown>>> = {
  severalItems: (store) =>
    store.write(["account-1", "account-2"].map((to) => ({ kind: "append", stream: to, expectedVersion: "any", events: newEvents(1) }))),
  mixedItems: (store) =>
    store.write([
      { kind: "append", stream, expectedVersion: "any", events: newEvents(1) },
      { kind: "delete", stream: "account-2", expectedVersion: "any" },
    ]),
  streamMetadata: (store) => store.write([{ kind: "metadata", stream, metadata: { maxCount: 1 } }]),
  softDelete: (store) => store.write([{ kind: "delete", stream, expectedVersion: "any" }]),
  tombstones: (store) => store.write([{ kind: "tombstone", stream, expectedVersion: "any" }]),
  expectations: (store) => store.write([{ kind: "expect", stream, expectedVersion: "noStream" }]),
  systemStreams: (store) => store.append("$system", newEvents(1), { expectedVersion: "any", systemStreams: true }),
  scavenge: (store) => store.scavenge(),
  snapshots: (store) => store.snapshot(name),
  checkpoints: (store) => store.write([{ kind: "checkpoint", name, expected: null, position: position(0), fence: fence(1) }]),
  leases: (store) => store.leases.acquire(name, { owner, durationMs: 1_000 }),
  consumerGroups: (store) => store.groups.list(),
  chosenReplays: async (store) => {
    await store.groups.create(name, { source: { all: true } });
    await store.groups.replayParked(name, { positions: [position(0)] });
  },
  transfer: (store) => store.transfer.status(),
};

/** The cases for a store with gaps: those that it can pass, and for each gap one that shows that the store says what it lacks, and why. */
export function casesWithin(gaps: Gaps, cases: readonly ConformanceCase[]): readonly ConformanceCase[] {
  const known: readonly Capability[] = [...TRAITS, ...(Object.keys(CALLS) as (keyof typeof CALLS)[])];
  const lacking = known.filter((capability) => gaps[capability] !== undefined);
  const possible = cases.filter(({ requires = [] }) => !requires.some((capability) => lacking.includes(capability)));
  return [...possible, ...lacking.map((capability) => gapCase(capability, gaps[capability] ?? ""))];
}

function gapCase(capability: Capability, reason: string): ConformanceCase {
  if (isTrait(capability))
    return storeCase(`gap: ${capability} is not to be relied on, for the reason: ${reason}`, [], async (store) => {
      assert.equal(store.gaps[capability], reason);
    });
  return storeCase(`gap: ${capability} is refused, with the reason: ${reason}`, [], async (store) => {
    const error = await assertRefused(CALLS[capability](store), "not-supported", `What needs ${capability}`);
    assert.ok(String(error).includes(reason), `The error must tell the reason, but says: ${String(error)}`);
    assert.equal(store.gaps[capability], reason);
  });
}

function isTrait(capability: Capability): capability is Trait {
  return TRAITS.some((trait) => trait === capability);
}
