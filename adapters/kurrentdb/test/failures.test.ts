import type { ReadSource } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvents } from "@reactive-domain/store-tests";
import { expect, onTestFinished, test } from "vitest";
import { kurrentFailure } from "../src/connection/kurrent-failure.ts";
import { openKurrentDriver } from "../src/open-kurrent-driver.ts";
import { serve } from "./served-stores.ts";

test.each([
  [1, "Cancelled on client"],
  [1, "Call cancelled"],
  [4, "Deadline exceeded"],
  [14, "No connection established"],
])("a call that ended with status %i (%s) is told as a server that may be back soon", (code, text) => {
  const metadata = { getMap: () => ({}), get: () => [] };
  const away = { code: "store-unavailable", retryable: true };
  const message = `${code} ${text}`;
  expect(kurrentFailure(Object.assign(new Error(message), { code, details: text, metadata }), "the store")).toMatchObject(away);
  expect(kurrentFailure(Object.assign(new Error(message), { code }), "the store")).toMatchObject(away);
});

test("whoever reads while the store is closed is told that it is closed", async () => {
  const inside = createInMemoryStore();
  await inside.append("account-1", newEvents(100), { expectedVersion: "noStream" });
  const server = await serve(inside);
  onTestFinished(async () => {
    await server.close();
    await inside.close();
  });
  const driver = await openKurrentDriver(server.url, { retryForMs: 0 });
  const request = { direction: "forwards", from: 0, maxEvents: 100, maxBytes: 100_000, filter: undefined } as const;
  const readOn = async (source: ReadSource): Promise<never> => {
    for (;;) await driver.readPage({ source, ...request });
  };
  const sources: readonly ReadSource[] = [{ all: true }, { category: "account" }, { stream: "account-1" }];
  const ends = Promise.allSettled(sources.map(readOn));
  await driver.readPage({ source: { all: true }, ...request });
  await driver.close();
  const codes = (await ends).map((end) => end.status === "rejected" && (end.reason as { readonly code: string }).code);
  expect(codes).toEqual(["already-closed", "already-closed", "already-closed"]);
});
