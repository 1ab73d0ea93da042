import { join } from "node:path";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { newEvent } from "@reactive-domain/store-tests";
import { startChild, temporaryDirectory, type Child } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";

interface Served {
  readonly child: Child;
  readonly port: string;
}

async function startServing(file: string, port = "0"): Promise<Served> {
  const child = startChild(new URL("child-server.ts", import.meta.url), file, port);
  await child.until(1);
  return { child, port: child.said[0]?.[1] ?? "" };
}

async function kill({ child }: Served): Promise<void> {
  child.process.kill("SIGKILL");
  await child.ended;
}

test("a server that is killed under load and comes back costs writers and subscriptions nothing, and repeats nothing", async () => {
  const file = join(temporaryDirectory(), "store.db");
  let served = await startServing(file);
  await using store = await openKurrentStore(`kurrentdb://127.0.0.1:${served.port}?tls=false`, { pollIntervalMs: 100 });
  const seen: RecordedEvent[] = [];
  await using subscription = store.subscribe({ all: true });
  const following = (async () => {
    for await (const message of subscription) {
      if (message.kind === "events") seen.push(...message.events);
      if (seen.some(({ type }) => type === "Last")) return;
    }
  })();

  const written: string[] = [];
  const end = new AbortController();
  const writing = Promise.all(
    ["red", "green", "blue"].map(async (name) => {
      while (!end.signal.aborted) {
        const event = newEvent();
        await store.append(`account-${name}`, [event], { expectedVersion: "any" });
        written.push(event.id);
      }
    }),
  );
  for (let kills = 0; kills < 2; kills++) {
    const before = written.length;
    await expect.poll(() => written.length, { timeout: 20_000 }).toBeGreaterThan(before + 20);
    await kill(served);
    served = await startServing(file, served.port);
  }
  const before = written.length;
  await expect.poll(() => written.length, { timeout: 20_000 }).toBeGreaterThan(before + 20);
  end.abort();
  await writing;
  await store.append("account-red", [newEvent({ type: "Last" })], { expectedVersion: "any" });
  await following;

  const ids = seen.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.slice(0, -1).toSorted()).toEqual(written.toSorted());
  const positions: readonly number[] = seen.map(({ position }) => position);
  expect(positions).toEqual(positions.toSorted((one, other) => one - other));
}, 90_000);

test("a call to a server that stays away ends with an error that says that it may be back", async () => {
  const served = await startServing(join(temporaryDirectory(), "store.db"));
  await using store = await openKurrentStore(`kurrentdb://127.0.0.1:${served.port}?tls=false`, { retryForMs: 300 });
  await kill(served);
  const refused = { code: "store-unavailable", retryable: true, message: expect.stringContaining("cannot be reached") };
  await expect(store.append("account-1", [newEvent()], { expectedVersion: "any" })).rejects.toMatchObject(refused);
  await expect(store.streamInfo("account-1")).rejects.toMatchObject(refused);
}, 30_000);
