import assert from "node:assert/strict";
import { position } from "@reactive-domain/core";
import { after, fence, type EventStore, type GroupDefinition } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { claim, GROUP, makeGroup, placesOf, settle } from "./group-work.ts";
import { grow } from "./new-event.ts";
import { assertRefused } from "./refusal.ts";

/** All that can be said about a group. */
const FULL: GroupDefinition = {
  source: { category: "account" },
  filter: { types: ["AmountDeposited", "AmountWithdrawn"], streamPrefix: "account-" },
  from: after(position(0)),
  orderBy: "correlation",
  behindParked: "pass",
  maxAttempts: 3,
  retryDelayMs: 10,
  maxRetryDelayMs: 20,
  maxUnsettled: 7,
};
/** {@link FULL} with something else in each place in turn. */
const OTHERS: readonly Partial<GroupDefinition>[] = [
  { source: { category: "order" } },
  { filter: { types: ["AmountDeposited"] } },
  { from: "start" },
  { orderBy: "none" },
  { behindParked: "wait" },
  { maxAttempts: 4 },
  { retryDelayMs: 11 },
  { maxRetryDelayMs: 21 },
  { maxUnsettled: 8 },
];

/** Making groups, finding them and forgetting them. */
export const groupDefinitionCases: readonly ConformanceCase[] = requiring(
  ["consumerGroups"],
  [
    storeCase("a group is made once: the same definition again changes nothing, its defaults spelled out or not", [], async (store) => {
      await grow(store, "account-1", 2);
      assert.equal(await store.groups.create(GROUP, { source: { all: true } }), true);
      await settle(store, await claim(store, { maxEvents: 1 }), "acknowledge");
      assert.equal(await store.groups.create(GROUP, { source: { all: true } }), false);
      assert.equal(await store.groups.create(GROUP, { source: { all: true }, ...DEFAULTS }), false);
      assert.deepEqual(placesOf(await claim(store)), [1]);
    }),

    storeCase("a group with another definition is refused, whatever is other, and the group stays as it is", [], async (store) => {
      await grow(store, "account-1", 2);
      await store.groups.create(GROUP, FULL);
      assert.equal(await store.groups.create(GROUP, structuredClone(FULL)), false);
      const open: unknown = { ...FULL, filter: { ...FULL.filter, categories: undefined } };
      assert.equal(await store.groups.create(GROUP, open as GroupDefinition), false, "What a filter leaves open makes no difference.");
      for (const other of OTHERS)
        await assertRefused(store.groups.create(GROUP, { ...FULL, ...other }), "group-exists", JSON.stringify(other));
      const { definition } = await store.groups.status(GROUP);
      assert.deepEqual({ ...definition }, FULL);
    }),

    storeCase("the status of a group tells its definition with the defaults", [], async (store) => {
      await makeGroup(store);
      const { name, definition } = await store.groups.status(GROUP);
      assert.equal(name, GROUP);
      assert.deepEqual({ ...definition }, { source: { all: true }, ...DEFAULTS });
    }),

    storeCase("a definition that changes in the hands of a caller stays as it is in the store", [], async (store) => {
      await grow(store, "account-1", 1);
      const types = ["AmountDeposited"];
      await store.groups.create(GROUP, { source: { all: true }, filter: { types } });
      types[0] = "AmountWithdrawn";
      const told = (await store.groups.status(GROUP)).definition.filter?.types as string[];
      assert.deepEqual([...told], ["AmountDeposited"]);
      told[0] = "AmountWithdrawn";
      assert.equal((await claim(store)).length, 1);
    }),

    storeCase("a group that there is not is not found, whatever is asked of it", [], async (store) => {
      await grow(store, "account-1", 1);
      const ref = { position: position(0), fence: fence(1) };
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        status: () => store.groups.status(GROUP),
        claim: () => store.groups.claim(GROUP, { consumer: "worker-1" }),
        "claim that waits": () => store.groups.claim(GROUP, { consumer: "worker-1", waitMs: 50 }),
        extend: () => store.groups.extend(GROUP, [ref], { leaseMs: 1_000 }),
        parked: () => store.groups.parked(GROUP),
        replayParked: () => store.groups.replayParked(GROUP),
        settle: () => store.write([{ kind: "settle", group: GROUP, deliveries: [{ ...ref, outcome: "acknowledge" }] }]),
      };
      for (const [what, call] of Object.entries(calls)) await assertRefused(call(), "group-not-found", what);
      assert.equal(await store.groups.delete(GROUP), false);
    }),

    storeCase("groups are listed by name, and do not know each other", [], async (store) => {
      await grow(store, "account-1", 2);
      assert.deepEqual(await store.groups.list(), []);
      for (const name of ["orders", GROUP, "accounts"]) await store.groups.create(name, { source: { all: true } });
      await settle(store, await claim(store), "acknowledge");
      const listed = (await store.groups.list()).map(({ name, settledUpTo }) => ({ name, settledUpTo }));
      const expected = [
        { name: "accounts", settledUpTo: null },
        { name: GROUP, settledUpTo: 1 },
        { name: "orders", settledUpTo: null },
      ];
      assert.deepEqual(listed, expected);
      assert.deepEqual(placesOf(await store.groups.claim("orders", { consumer: "worker-1", maxEvents: 9 })), [0, 1]);
    }),

    storeCase("a group that is deleted is forgotten: made again it begins anew, and what was under way is lost", [], async (store) => {
      await grow(store, "account-1", 2);
      await makeGroup(store);
      const former = await claim(store);
      assert.equal(await store.groups.delete(GROUP), true);
      assert.deepEqual(await store.groups.list(), []);
      await assertRefused(settle(store, former, "acknowledge"), "group-not-found", "settling in a deleted group");
      await makeGroup(store, { maxAttempts: 9 });
      const anew = await claim(store);
      assert.deepEqual(placesOf(anew), [0, 1]);
      await assertRefused(settle(store, former, "acknowledge"), "delivery-lost", "settling what a former group delivered");
      await settle(store, anew, "acknowledge");
    }),

    storeCase("a group is not made with what no store takes", [], async (store) => {
      for (const [what, name, facts] of BAD) {
        const definition: unknown = { source: { all: true }, ...facts };
        await assertRefused(create(store, name, definition), "invalid-argument", `a group with ${what}`);
      }
      for (const definition of [undefined, null, "all"])
        await assertRefused(create(store, GROUP, definition), "invalid-argument", "no definition");
      assert.deepEqual(await store.groups.list(), []);
    }),

    storeCase("a group does not begin behind the end of the log", [], async (store) => {
      await assertRefused(makeGroup(store, { from: after(position(0)) }), "ahead-of-log", "a group in an empty log");
      await grow(store, "account-1", 2);
      await assertRefused(makeGroup(store, { from: after(position(2)) }), "ahead-of-log", "a group behind the log");
      await makeGroup(store, { from: after(position(1)) });
      assert.deepEqual(await claim(store), []);
    }),
  ],
);

const DEFAULTS: Partial<GroupDefinition> = {
  from: "start",
  orderBy: "stream",
  behindParked: "wait",
  maxAttempts: 5,
  retryDelayMs: 1_000,
  maxRetryDelayMs: 60_000,
  maxUnsettled: 10_000,
};

const BAD: readonly (readonly [what: string, name: unknown, facts: Readonly<Record<string, unknown>>])[] = [
  ...["", " ", "$system", "a".repeat(513), "nul\0here", "half\ud83d", null, 7].map((name) => [`name ${String(name)}`, name, {}] as const),
  ...[{}, { all: false }, { stream: "" }, { all: true, category: "a" }, "all", null].map((source) => bad({ source })),
  ...[{ types: "A" }, { categories: [1] }, { streamPrefix: 7 }, { correlationId: 7 }].map((filter) => bad({ filter })),
  ...["middle", 3, null, { after: -1 }, { after: 1.5 }, { at: 1 }].map((from) => bad({ from })),
  ...["type", "", null].flatMap((word) => [bad({ orderBy: word }), bad({ behindParked: word })]),
  ...[0, -1, 1.5, Number.NaN, "1"].flatMap((count) => [bad({ maxAttempts: count }), bad({ maxUnsettled: count })]),
  ...[-1, 1.5, Number.NaN, "1"].map((retryDelayMs) => bad({ retryDelayMs })),
  bad({ retryDelayMs: 10, maxRetryDelayMs: 9 }),
];

function bad(facts: Readonly<Record<string, unknown>>): readonly [string, string, Readonly<Record<string, unknown>>] {
  return [JSON.stringify(facts), GROUP, facts];
}

/** Asks as a program without types might. */
function create(store: EventStore, name: unknown, definition: unknown): Promise<boolean> {
  return store.groups.create(name as string, definition as GroupDefinition);
}
