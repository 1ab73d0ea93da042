import { openKurrentStore } from "@reactive-domain/kurrentdb";
import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

const WRITTEN = 5_000;

interface Served {
  readonly store: EventStore;
  /** How many events the server has read for those who read. */
  read(): number;
}

async function served(): Promise<Served> {
  const inside = createInMemoryStore();
  const { read } = inside;
  let count = 0;
  inside.read = (source, options) => {
    const events = read.call(inside, source, options);
    const batches = events.batches.bind(events);
    events.batches = async function* counting() {
      for await (const batch of batches()) {
        count += batch.events.length;
        yield batch;
      }
    };
    return events;
  };
  const server = await serve(inside);
  const store = await openKurrentStore(server.url);
  onTestFinished(async () => {
    await store.close();
    await server.close();
    await inside.close();
  });
  return { store, read: () => count };
}

test.each([{ all: true }, { category: "account" }, { stream: "account-1" }] as const)(
  "of %o a subscription that nobody goes on with holds the server back, and gets everything when somebody does",
  async (source) => {
    const { store, read } = await served();
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    await using idle = store.subscribe(source);
    await using begun = store.subscribe(source);
    expect((await begun.next()).value).toMatchObject({ kind: "events", events: [{ version: 0 }] });
    for (let written = 0; written < WRITTEN; written += 500) await store.append("account-1", newEvents(500), { expectedVersion: "any" });
    // Each append looks at a few events, and one page may be read ahead.
    expect(read()).toBeLessThan(600);
    const versions: number[] = [];
    for await (const message of begun) {
      if (message.kind === "events") versions.push(...message.events.map(({ version }) => version));
      if (versions.length >= WRITTEN) break;
    }
    expect(versions).toEqual(Array.from({ length: WRITTEN }, (_, index) => index + 1));
    expect(await idle.next()).toMatchObject({ done: false, value: { kind: "events" } });
  },
);
