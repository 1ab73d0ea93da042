import { currentRuntime } from "@reactive-domain/core";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { startChild } from "@reactive-domain/store-tests/vitest";
import { expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

async function served() {
  const inside = createInMemoryStore();
  const server = await serve(inside);
  onTestFinished(async () => {
    await server.close();
    await inside.close();
  });
  return { inside, url: server.url };
}

test("the example of the README opens a store, writes to it and reads a category", async () => {
  const { url } = await served();
  // #region example
  await using store = await openKurrentStore(url); // such as kurrentdb://localhost:2113?tls=false
  const opened = {
    id: crypto.randomUUID(),
    type: "AccountOpened",
    schemaVersion: 1,
    contentType: "application/json",
    data: '{"owner":"Ann"}',
    metadata: "{}",
  };
  await store.append("account-1", [opened], { expectedVersion: "noStream" });

  const lines: string[] = [];
  for await (const event of store.read({ category: "account" })) {
    lines.push(`${event.stream} ${event.version} ${event.type} ${String(event.data)}`);
  }
  // #endregion
  expect(lines).toEqual(['account-1 0 AccountOpened {"owner":"Ann"}']);
});

test("an event comes back with its time to the millisecond, and its text as it was written", async () => {
  const { inside, url } = await served();
  await using store = await openKurrentStore(url);
  const written = newEvent({ data: '{ "Größe" : 1.50 }', metadata: '{ "b": 1, "1": 2 }', schemaVersion: 3 });
  await store.append("account-1", [written], { expectedVersion: "noStream" });
  const [through] = await collect(store, { stream: "account-1" });
  const [direct] = await collect(inside, { stream: "account-1" });
  expect(through?.toJSON()).toMatchObject(written);
  expect(through?.time).toEqual(direct?.time);
  expect(direct?.data).toBe(written.data);
});

test("opening a store where no server listens is refused, and says that one may be there soon", async () => {
  const opening = openKurrentStore("kurrentdb://127.0.0.1:1?tls=false", { retryForMs: 50 });
  await expect(opening).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
});

test.each([
  "postgres://localhost",
  "kurrentdb://",
  "localhost:2113",
  "kurrentdb://admin:secret@localhost:port",
  "kurrentdb://admin:secret@localhost:2113?tlsCAFile=/nowhere/at/all.pem",
])("%s is no URL of a store, and the error tells no password", async (url) => {
  const error = await openKurrentStore(url).catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ code: "invalid-argument", message: expect.not.stringContaining("secret") });
});

test.each([{ retryForMs: -1 }, { answerTimeoutMs: 0 }, { pollIntervalMs: 0.5 }, { stray: 1 }])(
  "options like %o are refused",
  async (options) => {
    await expect(openKurrentStore("kurrentdb://localhost:2113?tls=false", options)).rejects.toMatchObject({ code: "invalid-argument" });
  },
);

test("a password is in no error and in nothing that the store tells of itself", async () => {
  const { url } = await served();
  await using store = await openKurrentStore(url.replace("//", "//admin:secret@"));
  const refused = await store.append("rd_snapshot-1", [newEvent()], { expectedVersion: "any" }).catch((refusal: unknown) => refusal);
  const lacking = await store.scavenge().catch((refusal: unknown) => refusal);
  expect([store.durability, String(refused), String(lacking)].join()).not.toContain("secret");
  expect(lacking).toMatchObject({ code: "not-supported" });
});

test("a store sees at once what another one writes", async () => {
  const { url } = await served();
  await using store = await openKurrentStore(url);
  await using other = await openKurrentStore(url);
  await using subscription = store.subscribe({ category: "account" });
  const seen: string[] = [];
  const event = newEvent();
  for await (const message of subscription) {
    if (message.kind === "live") await other.append("account-1", [event], { expectedVersion: "noStream" });
    if (message.kind === "events") seen.push(...message.events.map(({ id }) => id));
    if (seen.length > 0) break;
  }
  expect(seen).toEqual([event.id]);
});

test("a write that another process has done before is told as repeated", async () => {
  const { url } = await served();
  const event = newEvent();
  await using first = await openKurrentStore(url);
  const written = await first.append("account-1", [event], { expectedVersion: "noStream" });
  await using second = await openKurrentStore(url);
  expect(await second.append("account-1", [event], { expectedVersion: "noStream" })).toEqual({ ...written, repeated: true });
});

test("when it is closed nothing keeps its process", async () => {
  const { url } = await served();
  const startMs = currentRuntime().clock.monotonicMs();
  const child = startChild(new URL("child-reader.ts", import.meta.url), url);
  expect(await child.ended).toBe(0);
  expect(child.said).toEqual([["closed"]]);
  expect(currentRuntime().clock.monotonicMs() - startMs).toBeLessThan(20_000);
}, 30_000);
