import { withRuntime } from "@reactive-domain/core";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("a lease keeps one worker at a time, and its fence keeps out one that was held up", async () => {
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  await using store = withRuntime({ clock }, () => createInMemoryStore());
  const events = [newEvent("Deposited", {}), newEvent("Deposited", {})];
  const { position } = await store.append("account-1", events, { expectedVersion: "any" });
  // #region lease
  const lease = await store.leases.acquire("statements", { owner: "worker-1", durationMs: 10_000 });
  if (lease === undefined) throw new Error("Another worker is at it.");

  const expected = await store.checkpoint("statements"); // null: nothing is handled yet
  await store.write([
    { kind: "checkpoint", name: "statements", expected, position, fence: lease.fence },
    { kind: "append", stream: "statement-1", expectedVersion: "any", events: [newEvent("StatementMade", {})] }, // both or neither
  ]);
  await store.leases.renew(lease, { durationMs: 10_000 }); // in time, again and again
  // #endregion
  expect(await store.checkpoint("statements")).toBe(1);

  nowMs = 20_000;
  // #region fenced
  const successor = await store.leases.acquire("statements", { owner: "worker-2", durationMs: 10_000 }); // the first one has run out
  const late = store.write([{ kind: "checkpoint", name: "statements", expected: position, position: null, fence: lease.fence }]);
  const error: unknown = await late.catch((reason: unknown) => reason); // fenced: worker-1 must stop
  // #endregion
  expect(successor?.fence).toBeGreaterThan(lease.fence);
  expect(error).toMatchObject({ code: "fenced" });
  expect(await store.checkpoint("statements")).toBe(1);
});
