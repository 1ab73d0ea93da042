import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvents } from "@reactive-domain/store-tests";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

test.each([false, true])("a read begins behind a snapshot, whether the file is opened for reading only (%s) or not", async (readOnly) => {
  const path = temporaryFile();
  const events = newEvents(4);
  const [first] = events;
  const snapshot = { name: "account-1", version: 1, schemaVersion: 2, hash: "h", contentType: "application/json", data: "{}" };
  {
    await using writer = await openSqliteStore(path);
    await writer.append("account-1", events, { expectedVersion: "noStream" });
    await writer.write([{ kind: "snapshot", ...snapshot }]);
  }
  await using store = await openSqliteStore(path, { readOnly });
  const read = async (unlessRecorded?: string): Promise<unknown> => {
    const start = { schemaVersion: 2, ...(unlessRecorded !== undefined && { unlessRecorded }) };
    const batches: unknown[] = [];
    for await (const batch of store.read({ stream: "account-1" }, { snapshot: start }).batches())
      batches.push([batch.snapshot?.version, batch.events.map(({ version }) => version)]);
    return batches;
  };
  expect(await read()).toEqual([[1, [2, 3]]]);
  expect(await read(first?.id)).toEqual([[undefined, [0, 1, 2, 3]]]);
});
