import { once } from "node:events";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import type { ReadSource } from "@reactive-domain/persistence";

// Begins everything that a store does, closes it when it is told to, and says how what was begun has ended; nothing must keep its process then.
const [url = ""] = process.argv.slice(2);
const store = await openKurrentStore(url, { answerTimeoutMs: 1_000, retryForMs: 1_000 });
const event = () => ({
  id: crypto.randomUUID(),
  type: "AccountCredited",
  schemaVersion: 1,
  contentType: "application/json",
  data: "{}",
  metadata: "{}",
});
const SOURCES: readonly ReadSource[] = [{ all: true }, { category: "account" }, { eventType: "AccountCredited" }, { stream: "account-1" }];
const closing = new AbortController();

async function appending(stream: string): Promise<void> {
  while (!closing.signal.aborted) await store.append(stream, [event()], { expectedVersion: "any" });
  await store.append(stream, [event()], { expectedVersion: "any" });
}

async function reading(source: ReadSource, direction: "forwards" | "backwards"): Promise<void> {
  for (;;) for await (const one of store.read(source, { direction, maxBatchEvents: 10 })) void one;
}

async function following(source: ReadSource, from: "start" | "end"): Promise<void> {
  for await (const message of store.subscribe(source, { from })) void message;
}

for (let index = 0; index < 4; index++) await store.append(`account-${index}`, [event()], { expectedVersion: "any" });
for (const source of SOURCES) store.subscribe(source);
const work = [
  ...["account-1", "account-2", "account-3"].map(appending),
  ...SOURCES.flatMap((source) => [reading(source, "forwards"), reading(source, "backwards")]),
  ...SOURCES.flatMap((source) => [following(source, "start"), following(source, "end")]),
];
process.stdout.write("working\n");
await once(process.stdin, "data");
process.stdin.destroy();
closing.abort();
// What is begun in the last moment, too.
work.push(store.append("account-4", [event()], { expectedVersion: "any" }).then(() => undefined));
work.push(store.streamInfo("account-1").then(() => undefined));
const outcomes = Promise.allSettled(work);
await Promise.all([store.close(), store.close()]);
process.stdout.write("closed\n");
const codes = (await outcomes).map((outcome) =>
  outcome.status === "fulfilled" ? "done" : String((outcome.reason as { readonly code?: unknown }).code),
);
process.stdout.write(`${[...new Set(codes)].toSorted().join(" ")}\n`);
