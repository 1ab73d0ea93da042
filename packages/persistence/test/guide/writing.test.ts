import { ExpectedVersion } from "@reactive-domain/core";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("a write changes several streams together, and is answered again as it was", async () => {
  await using store = createInMemoryStore();
  // #region write
  const opened = await store.append("account-1", [newEvent("Opened", { owner: "Ann" })], { expectedVersion: "noStream" });

  const items = [
    {
      kind: "append",
      stream: "account-1",
      expectedVersion: ExpectedVersion.exactly(opened.version),
      events: [newEvent("Sent", { amount: 5 })],
    },
    { kind: "append", stream: "account-2", expectedVersion: "any", events: [newEvent("Received", { amount: 5 })] },
    { kind: "metadata", stream: "account-2", metadata: { maxCount: 1_000 } },
  ] as const;
  const { position, streams } = await store.write(items);
  const again = await store.write(items); // the first answer was lost, say
  // #endregion
  expect(position).toBe(2);
  expect(streams.map(({ stream, version }) => [stream, version])).toEqual([
    ["account-1", 1],
    ["account-2", 0],
  ]);
  expect(again).toEqual({ position, streams, repeated: true });
});
