import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyStore, type EventStore } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { run } from "../../src/run.ts";
import { collectOutput } from "../collected-output.ts";
import { startCommandLine } from "../command-line.ts";

vi.setConfig({ testTimeout: 60_000 });

interface Files {
  readonly directory: string;
  readonly from: string;
  readonly to: string;
}

function files(): Files {
  const directory = temporaryDirectory();
  return { directory, from: join(directory, "from.db"), to: join(directory, "to.db") };
}

async function within(path: string, use: (store: EventStore) => Promise<unknown>): Promise<void> {
  await using store = await openSqliteStore(path);
  await use(store);
}

async function grow(store: EventStore, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1_000) {
    const events = Array.from({ length: Math.min(1_000, count - done) }, () => newEvent());
    await store.append(`account-${done}`, events, { expectedVersion: "any" });
  }
}

async function copy(from: string, to: string, ...options: readonly string[]) {
  const output = collectOutput();
  const complaints: string[] = [];
  const shown: string[] = [];
  const progress = { isSeen: true, show: (text: string) => void shown.push(text), clear: () => undefined, tell: () => undefined };
  const urls = [from, to].map((file) => (file.includes(":") ? file : `sqlite:${file}`)) as [string, string];
  const status = await run(["copy", "--from", urls[0], "--to", urls[1], ...options], output, (line) => complaints.push(line), progress);
  return { status, lines: output.lines, complaints, shown };
}

test("a copy has all that its source has, tells what it did, and is compared with it", async () => {
  const { from, to } = files();
  await within(from, async (store) => {
    await grow(store, 2_500);
    await store.write([
      { kind: "checkpoint", name: "balances", expected: null, position: 7 as never },
      { kind: "snapshot", name: "a", version: 1, schemaVersion: 1, hash: "h", contentType: "image/png", data: new Uint8Array([1, 255]) },
    ]);
    await store.leases.acquire("balances", { owner: "worker-1", durationMs: 60_000 });
    await store.groups.create("mails", { source: { all: true } });
    await store.groups.claim("mails", { consumer: "worker-1", maxEvents: 3 });
  });
  const { status, lines, complaints, shown } = await copy(from, to);
  expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
  expect(lines).toEqual([
    expect.stringMatching(/^Copied: 2,500 events in \d+\.\d s \([\d,]+ a second\), up to position 2499\.$/),
    "Beside them: 3 streams, 1 snapshots, 1 checkpoints, 1 leases, 1 groups, 3 unsettled deliveries.",
    expect.stringMatching(/^Compared: 2,500 events, digest [0-9a-f]{16}, log [0-9a-f-]{36}\. Both are the same\.$/),
    expect.stringContaining("stop it and run this again before the copy is used"),
  ]);
  expect(shown).toContain("2,000 of 2,500 positions are copied.");
  await within(to, async (store) => {
    expect(await store.checkpoint("balances")).toBe(7);
    expect(await store.append("account-0", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ position: 2_500, version: 1_000 });
  });
});

test("run again it brings the rest", async () => {
  const { from, to } = files();
  await within(from, (store) => grow(store, 10));
  await copy(from, to);
  await within(from, async (store) => {
    await grow(store, 5);
    await store.write([{ kind: "checkpoint", name: "balances", expected: null, position: 12 as never }]);
  });
  const { status, lines } = await copy(from, to, "--no-verify");
  expect(status).toBe(0);
  expect(lines[0]).toMatch(/^Copied: 5 events .* up to position 14\.$/);
  expect(lines).toHaveLength(3);
  await within(to, async (store) => expect(await store.checkpoint("balances")).toBe(12));
});

test("a copy that is not the same as its source is told, with status 1", async () => {
  const { from, to } = files();
  await within(from, (store) => grow(store, 10));
  await copy(from, to);
  await within(from, async (store) => {
    await store.write([{ kind: "delete", stream: "account-0", expectedVersion: "any" }]);
    await store.scavenge();
  });
  const { status, complaints } = await copy(from, to);
  expect(status).toBe(1);
  expect(complaints).toEqual([
    "reactive-domain: The copy is not the same as its source: the source has 0 events, and the copy 10. " +
      "If the source was scavenged or restored since the copy was begun, copy again into an empty store.",
  ]);
});

test.each(["SIGINT", "SIGKILL"] as const)("a copy that %s ends in the middle goes on when it is run again", async (signal) => {
  const { from, to } = files();
  await within(from, (store) => grow(store, 60_000));
  const { child, ended } = startCommandLine(["copy", "--from", `sqlite:${from}`, "--to", `sqlite:${to}`]);
  await vi.waitUntil(async () => (await headOf(to)) > 2_000, { timeout: 30_000, interval: 5 });
  child.kill(signal);
  const { status, errors } = await ended;
  const stopped = "reactive-domain: Stopped. What was copied stays; run the same command again to go on.\n";
  expect({ status, errors }).toEqual(signal === "SIGINT" ? { status: 1, errors: stopped } : { status: null, errors: "" });
  const before = await headOf(to);
  expect(before).toBeLessThan(59_999);
  const again = await copy(from, to);
  expect({ status: again.status, complaints: again.complaints }).toEqual({ status: 0, complaints: [] });
  expect(again.lines[0]).toContain(`Copied: ${(59_999 - before).toLocaleString("en")} events `);
  expect(again.lines[2]).toContain("Compared: 60,000 events");
});

/** The last position of a store that is being made, or -1. */
async function headOf(path: string): Promise<number> {
  if (!existsSync(path)) return -1;
  try {
    await using store = await openSqliteStore(path, { readOnly: true });
    return (await store.transfer.status()).head ?? -1;
  } catch {
    return -1; // It has no tables yet.
  }
}

test("a missing source makes no target", async () => {
  const { from, to } = files();
  expect(await copy(from, to)).toMatchObject({
    status: 2,
    lines: [],
    complaints: [`reactive-domain: SQLite store ${from} does not exist.`],
  });
  expect(existsSync(to)).toBe(false);
});

test("a source that is a half copy itself makes no target", async () => {
  const { directory, from, to } = files();
  const half = join(directory, "half.db");
  await within(from, (store) => grow(store, 3));
  await within(from, (source) =>
    within(half, async (target) => {
      const onPart = (): never => {
        throw new Error("Enough.");
      };
      await expect(copyStore(source, target, { maxPartEvents: 1, onPart })).rejects.toThrow("Enough.");
    }),
  );
  expect(await copy(half, to)).toMatchObject({
    status: 2,
    complaints: ["reactive-domain: The source is itself a copy that is not whole yet. Nothing was taken. Finish that copy first."],
  });
  expect(existsSync(to)).toBe(false);
});

test("a target that has events of its own is refused, and so is the source itself", async () => {
  const { from, to } = files();
  await within(from, (store) => grow(store, 3));
  await within(to, (store) => grow(store, 2));
  expect(await copy(from, to)).toMatchObject({
    status: 2,
    complaints: [`reactive-domain: SQLite store ${to} is not empty. Nothing was taken. Take an empty store.`],
  });
  const itself = "holds this log itself: it is the same store, or a copy that was written since. Nothing was taken. Take an empty store.";
  expect(await copy(from, from)).toMatchObject({ status: 2, complaints: [`reactive-domain: SQLite store ${from} ${itself}`] });
  expect(await headOf(to)).toBe(1);
});

test("a target that a newer program made is refused", async () => {
  const { from, to } = files();
  await within(from, (store) => grow(store, 3));
  await within(to, async () => undefined);
  // SQLite's "Database File Format", section 1.3: the user version stands at offset 60.
  const bytes = readFileSync(to);
  bytes.writeUInt32BE(99, 60);
  writeFileSync(to, bytes);
  const { status, complaints } = await copy(from, to);
  expect(status).toBe(2);
  expect(complaints[0]).toContain(`SQLite store ${to} has schema version 99`);
});

test.each([
  ["memory", "sqlite:b.db", "A memory store lives inside its process only"],
  [
    "floppy:a",
    "sqlite:b.db",
    "The store floppy:a has no known scheme. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE, kurrentdb://HOST:PORT.",
  ],
])("from %s is refused", async (from, to, sentence) => {
  const output = collectOutput();
  const complaints: string[] = [];
  expect(await run(["copy", "--from", from, "--to", to], output, (line) => complaints.push(line))).toBe(2);
  expect(complaints[0]).toContain(sentence);
});

test("to an unknown kind of store is refused", async () => {
  const { from } = files();
  await within(from, (store) => grow(store, 1));
  expect(await copy(from, "floppy:b")).toMatchObject({
    status: 2,
    complaints: ["reactive-domain: The store floppy:b has no known scheme. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE."],
  });
});
