import assert from "node:assert/strict";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow } from "./new-event.ts";
import { assertRefused } from "./refusal.ts";

const stream = "account-1";

/** What a store tells about a stream. */
export const streamInfoCases: readonly ConformanceCase[] = [
  storeCase("of a stream that does not exist a store tells that it is missing", ["F3"], async (store) => {
    await grow(store, "account-11", 2);
    for (const name of [stream, "account", "Account-11"]) {
      const info = await store.streamInfo(name);
      assert.deepEqual({ ...info }, { stream: name, state: "missing", lastVersion: null, firstVersion: null, metadata: {} });
    }
  }),

  storeCase("of a stream that lives a store tells the versions of its first and last event", ["F3"], async (store) => {
    await grow(store, "account-2", 3);
    for (const last of [0, 1, 2]) {
      await grow(store, stream, 1);
      const info = await store.streamInfo(stream);
      assert.deepEqual({ ...info }, { stream, state: "live", lastVersion: last, firstVersion: 0, metadata: {} });
    }
  }),

  storeCase("what is asked about a stream without a name is refused", ["F3"], async (store) => {
    for (const name of ["", " "]) await assertRefused(store.streamInfo(name), "invalid-argument", "a question about no stream");
  }),

  storeCase("a question about a stream ends with its signal, and is refused by a closed store", ["F3", "I4"], async (store) => {
    await grow(store, stream, 1);
    const reason = new Error("enough");
    await assert.rejects(store.streamInfo(stream, { signal: AbortSignal.abort(reason) }), reason);
    await store.close();
    await assertRefused(store.streamInfo(stream), "already-closed", "a question to a closed store");
  }),
];
