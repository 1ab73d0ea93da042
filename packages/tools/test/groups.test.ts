import { join } from "node:path";
import type { EventStore } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { runCommandLine } from "./command-line.ts";
import { command, objects } from "./ledgers.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A file with groups, one of which has parked the first events of two streams, and the other is new. */
async function storeWithGroups(events = 2): Promise<string> {
  const file = join(temporaryDirectory(), "bank.db");
  await using store = await openSqliteStore(file);
  for (let index = 0; index < events; index++)
    await store.append(`account-${index}`, [newEvent({ type: "Opened" })], { expectedVersion: "noStream" });
  await store.groups.create("mailer", { source: { category: "account" }, filter: { types: ["Opened"] }, from: "start", maxAttempts: 1 });
  await store.groups.create("printer", { source: { all: true }, from: "start" });
  await parkAll(store, "mailer");
  return `sqlite:${file}`;
}

async function parkAll(store: EventStore, group: string): Promise<void> {
  for (;;) {
    const deliveries = await store.groups.claim(group, { consumer: "worker-1", maxEvents: 50 });
    if (deliveries.length === 0) return;
    const settled = deliveries.map(
      ({ position, fence }) => ({ position, fence, outcome: "park", error: `no address of ${position}` }) as const,
    );
    await store.write([{ kind: "settle", group, deliveries: settled }]);
  }
}

/** Runs a command about the groups of a store. */
function groupCommand(words: readonly string[], store: string, ...more: readonly string[]): ReturnType<typeof command> {
  return command(["group", ...words, "--store", store, ...more]);
}

test("the program lists the groups of a store with what is parked", async () => {
  const store = await storeWithGroups();
  expect(await runCommandLine(["group", "list", "--store", store])).toEqual({
    status: 0,
    errors: "",
    output: [
      "SETTLED  LAG  WAITING  CLAIMED  PARKED  GROUP",
      "      1    0        0        0       2  mailer",
      "      -    2        0        0       0  printer",
      "",
    ].join("\n"),
  });
  const shape = { definition: expect.any(Object) as object, head: 1, waiting: 0, claimed: 0 };
  expect(objects(await groupCommand(["list"], store, "--json"))).toEqual([
    { ...shape, name: "mailer", settledUpTo: 1, lag: 0, parked: 2 },
    { ...shape, name: "printer", settledUpTo: null, lag: 2, parked: 0 },
  ]);
});

test("the status of one tells what it takes from the log", async () => {
  const { status, lines } = await groupCommand(["status", "mailer"], await storeWithGroups());
  expect(status).toBe(0);
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^group +mailer$/),
      expect.stringMatching(/^source +\{"category":"account"\}$/),
      expect.stringMatching(/^filter +\{"types":\["Opened"\]\}$/),
      expect.stringMatching(/^maxAttempts +1$/),
      expect.stringMatching(/^settled up to +1$/),
      expect.stringMatching(/^parked +2$/),
    ]),
  );
});

test("what is parked is listed, and delivered again by position, by error, or all", async () => {
  const store = await storeWithGroups(130);
  const { lines } = await groupCommand(["parked", "mailer"], store);
  expect(lines).toHaveLength(131);
  expect(lines.slice(0, 2)).toEqual([
    expect.stringMatching(/^POSITION {2}ATTEMPTS {2}SINCE +TYPE +STREAM +ERROR$/),
    expect.stringMatching(/^ +0 +1 {2}\d{4}-\S+Z {2}Opened {2}account-0 +no address of 0$/),
  ]);
  const parkedAt = expect.any(String) as string;
  expect(objects(await groupCommand(["parked", "mailer"], store, "--limit", "1", "--json"))).toEqual([
    { position: 0, stream: "account-0", version: 0, type: "Opened", attempts: 1, parkedAt, error: "no address of 0" },
  ]);
  expect((await groupCommand(["parked", "mailer"], store, "--limit", "110")).lines).toHaveLength(111);
  expect(objects(await groupCommand(["replay", "mailer"], store, "--position", "3", "--position", "5", "--json"))).toEqual([
    { group: "mailer", events: 2 },
  ]);
  expect((await groupCommand(["replay", "mailer"], store, "--error", "of 12")).lines).toEqual([
    "mailer: 11 events are to be tried again, by whoever works on it.",
  ]);
  expect((await groupCommand(["replay", "mailer"], store, "--limit", "7")).lines).toEqual([
    "mailer: 7 events are to be tried again, by whoever works on it.",
  ]);
  expect((await groupCommand(["replay", "mailer"], store)).lines).toEqual([
    "mailer: 110 events are to be tried again, by whoever works on it.",
  ]);
  expect((await groupCommand(["replay", "mailer"], store)).lines).toEqual(["mailer: no such event is parked."]);
});

test("a group is forgotten only when that is said to be meant", async () => {
  const store = await storeWithGroups();
  expect(await groupCommand(["delete", "mailer"], store)).toMatchObject({
    status: 2,
    lines: [],
    complaints: [expect.stringMatching(/^reactive-domain: Group mailer would be forgotten: .* position 1 .* 2 parked events\. Say --yes/)],
  });
  expect((await groupCommand(["status", "mailer"], store)).status).toBe(0);
  expect(objects(await groupCommand(["delete", "mailer"], store, "--yes", "--json"))).toEqual([{ group: "mailer", isDeleted: true }]);
  expect(await groupCommand(["delete", "mailer"], store, "--yes")).toMatchObject({ status: 2, lines: [] });
});

test.each([["status"], ["parked"], ["replay"], ["delete"]])("group %s of a name that is not known tells which there are", async (word) => {
  const store = await storeWithGroups();
  expect(await groupCommand([word, "maler"], store)).toMatchObject({
    status: 2,
    lines: [],
    complaints: [`reactive-domain: ${store} has no group maler. There are mailer, printer.`],
  });
});

test.each([["list"], ["status", "a"], ["parked", "a"], ["replay", "a"], ["delete", "a"]])(
  "group %s %s makes no store where there is none",
  async (...words) => {
    const file = join(temporaryDirectory(), "none.db");
    expect(await groupCommand(words.filter(Boolean), `sqlite:${file}`)).toMatchObject({
      status: 2,
      complaints: [`reactive-domain: SQLite store ${file} does not exist.`],
    });
  },
);
