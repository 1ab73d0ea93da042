import { join } from "node:path";
import { connect } from "@reactive-domain/foundation";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { startChild, temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";
import { counting, Told } from "./counting.ts";

test("a consumer of a KurrentDB that is killed in the middle loses nothing, and what handling leads to is written once", async () => {
  await using kept = await openSqliteStore(join(temporaryDirectory(), "events.db"));
  await using server = await startServer(kept, { port: 0, insecure: true });
  await using store = await openKurrentStore(server.url);
  const bank = connect(counting, store);
  for (let number = 0; number < 100; number++) {
    const event = {
      id: crypto.randomUUID(),
      type: "Counted",
      schemaVersion: 1,
      contentType: "application/json",
      data: JSON.stringify({ number }),
      metadata: "{}",
    };
    await store.append(`counting.number-${number % 10}`, [event], { expectedVersion: "any" });
  }
  const program = new URL("child-mailer.ts", import.meta.url);
  const first = startChild(program, server.url, "red");
  await first.until(20);
  first.process.kill("SIGKILL");
  await first.ended;
  const second = startChild(program, server.url, "green");
  const group = bank.group("mailer");
  await expect.poll(async () => (await group.status()).settledUpTo, { timeout: 60_000, interval: 200 }).not.toBeNull();
  const told = async (): Promise<readonly number[]> => {
    const numbers: number[] = [];
    for await (const { data } of store.read({ eventType: Told.type }))
      numbers.push((JSON.parse(String(data)) as { number: number }).number);
    return numbers.toSorted((one, other) => one - other);
  };
  await expect.poll(async () => (await told()).length, { timeout: 60_000, interval: 200 }).toBe(100);
  expect(await told()).toEqual(Array.from({ length: 100 }, (_, number) => number));
  expect(new Set([...first.said, ...second.said].map(([, number]) => number)).size).toBe(100);
  expect(first.said.length).toBeLessThan(100);
}, 150_000);
