import { join } from "node:path";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";
// #region imports
import { jsonEvent, KurrentDBClient, NO_STREAM, START } from "@kurrent/kurrentdb-client";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { startServer } from "@reactive-domain/kurrentdb-server";
// #endregion
import { openSqliteStore } from "@reactive-domain/sqlite";

test("a deposit is read back", async () => {
  const amounts: unknown[] = [];
  // #region test
  await using server = await startServer(createInMemoryStore(), { port: 0, insecure: true }); // ends with the test
  const client = KurrentDBClient.connectionString(server.url);

  const deposited = jsonEvent({ type: "AmountDeposited", data: { amountCents: 12_345 } });
  await client.appendToStream("account-1", deposited, { streamState: NO_STREAM });
  for await (const { event } of client.readStream("account-1", { fromRevision: START })) amounts.push(event?.data);
  // #endregion
  await client.dispose();
  expect(amounts).toEqual([{ amountCents: 12_345 }]);
});

test("what a client wrote is seen in the store, and the other way round", async () => {
  const file = join(temporaryDirectory(), "events.db");
  const event = {
    id: crypto.randomUUID(),
    type: "AccountOpened",
    schemaVersion: 2,
    contentType: "application/json",
    data: '{"owner":"Ann"}',
    metadata: "{}",
  };
  const seen: unknown[] = [];
  // #region both-sides
  await using store = await openSqliteStore(file);
  await using server = await startServer(store, { port: 0, insecure: true });
  const client = KurrentDBClient.connectionString(server.url);

  await store.append("account-1", [event], { expectedVersion: "noStream" }); // in this process
  for await (const read of client.readStream("account-1")) seen.push(read.event?.data); // through the wire
  // #endregion
  await client.dispose();
  expect(seen).toEqual([{ owner: "Ann" }]);
});
