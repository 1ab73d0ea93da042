import { createHash } from "node:crypto";
import { version } from "@reactive-domain/core";
import { after, JSON_CONTENT_TYPE } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("a snapshot saves folding what was folded before", async () => {
  await using store = createInMemoryStore();
  const deposits = [10, 20, 30].map((amount) => newEvent("Deposited", { amount }));
  await store.append("account-1", deposits, { expectedVersion: "noStream" });
  const digest = (data: string): string => createHash("sha256").update(data).digest("hex");
  const SHAPE = 1;
  // #region snapshot
  const data = JSON.stringify({ balance: 60 });
  const content = { schemaVersion: SHAPE, hash: digest(data), contentType: JSON_CONTENT_TYPE, data };
  await store.write([
    { kind: "append", stream: "account-1", expectedVersion: version(2), events: [newEvent("Deposited", { amount: 40 })] },
    { kind: "snapshot", name: "account-1", version: 2, ...content }, // in the same write, or in one of its own
  ]);

  const found = await store.snapshot("account-1");
  const isUsable = found?.schemaVersion === SHAPE && found.hash === digest(String(found.data));
  const rest = store.read({ stream: "account-1" }, isUsable ? { from: after(version(found.version)) } : {});
  // #endregion
  let [balance, deposited] = [0, 0];
  // #region behind
  for await (const batch of store.read({ stream: "account-1" }, { snapshot: { schemaVersion: SHAPE } }).batches()) {
    if (batch.snapshot) ({ balance } = JSON.parse(String(batch.snapshot.data)) as { readonly balance: number }); // its hash is to be checked
    for (const event of batch.events) deposited += (JSON.parse(String(event.data)) as { readonly amount: number }).amount;
  }
  // #endregion
  expect([balance, deposited]).toEqual([60, 40]);
  const versions: number[] = [];
  for await (const event of rest) versions.push(event.version);
  expect(versions).toEqual([3]);
});
