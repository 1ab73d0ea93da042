import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withRuntime } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type EventStore, type NewEvent, type RecordedEventFields, type WriteItem } from "@reactive-domain/persistence";
import { describe, expect, it, onTestFinished } from "vitest";
import { openJsonLinesStore } from "./json-lines-store.ts";

const event = (digit: number, facts: Partial<NewEvent> = {}): NewEvent => ({
  id: `00000000-0000-7000-8000-00000000000${digit}`,
  type: "AmountDeposited",
  schemaVersion: 1,
  contentType: JSON_CONTENT_TYPE,
  data: '{"amount":1}',
  metadata: "{}",
  ...facts,
});

const append = (stream: string, ...events: readonly NewEvent[]): WriteItem => ({ kind: "append", stream, expectedVersion: "any", events });
const FIRST = [append("account-1", event(1), event(2))];
const SECOND = [append("account-1", event(3)), append("größe-2", event(4, { data: new Uint8Array([0, 10, 255]), contentType: "bytes" }))];

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "json-lines-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "bank.jsonl");
}

async function withStore<T>(file: string, use: (store: EventStore) => Promise<T>): Promise<T> {
  await using store = await openJsonLinesStore(file);
  return await use(store);
}

async function logOf(store: EventStore): Promise<readonly RecordedEventFields[]> {
  const log: RecordedEventFields[] = [];
  for await (const one of store.read({ all: true })) log.push(one.toJSON());
  return log;
}

/** A file with two writes; how long it was after the first, and what the log was then and at the end. */
async function fileOfTwoWrites() {
  const file = newFile();
  const before = await withStore(file, async (store) => {
    await store.write(FIRST);
    return { log: await logOf(store), bytes: readFileSync(file).length };
  });
  const log = await withStore(file, async (store) => {
    await store.write(SECOND);
    return logOf(store);
  });
  return { file, before, log, bytes: readFileSync(file) };
}

describe("the JSON-lines store", () => {
  it("has everything again when it is opened again", async () => {
    const { file, log } = await fileOfTwoWrites();
    expect(log.map(({ stream, version, position }) => [stream, version, position])).toEqual([
      ["account-1", 0, 0],
      ["account-1", 1, 1],
      ["account-1", 2, 2],
      ["größe-2", 0, 3],
    ]);
    expect(await withStore(file, logOf)).toEqual(log);
    expect(await withStore(file, (store) => store.write(SECOND))).toMatchObject({ position: 3, repeated: true });
  });

  it("forgets a write that was torn at any byte, whole, and takes it again", async () => {
    const { file, before, log, bytes } = await fileOfTwoWrites();
    for (let length = before.bytes; length < bytes.length; length++) {
      writeFileSync(file, bytes);
      truncateSync(file, length);
      await withStore(file, async (store) => {
        expect(await logOf(store)).toEqual(before.log);
        expect(await store.write(SECOND)).toMatchObject({ position: 3, repeated: false });
      });
      expect((await withStore(file, logOf)).map(({ id }) => id)).toEqual(log.map(({ id }) => id));
    }
  });

  it("forgets a write of which the disk has kept the end and not the middle", async () => {
    const { file, before, bytes } = await fileOfTwoWrites();
    writeFileSync(file, bytes.fill(0, before.bytes + 30, before.bytes + 60));
    expect(await withStore(file, logOf)).toEqual(before.log);
  });

  it("refuses a file that is damaged before its last line, and leaves it as it is", async () => {
    const { file, before, bytes } = await fileOfTwoWrites();
    bytes.fill("x", before.bytes - 30, before.bytes - 20);
    writeFileSync(file, bytes);
    await expect(openJsonLinesStore(file)).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringContaining("is damaged"),
    });
    expect(readFileSync(file)).toEqual(bytes);
  });

  it("refuses a file that is something else, and leaves it as it is", async () => {
    const file = newFile();
    writeFileSync(file, "These are notes.\n");
    await expect(openJsonLinesStore(file)).rejects.toMatchObject({ code: "foreign-store" });
    expect(readFileSync(file, "utf8")).toBe("These are notes.\n");
    await expect(openJsonLinesStore(join(file, "inside"))).rejects.toMatchObject({ code: "store-unavailable" });
  });

  it("begins again where it was torn while it was made", async () => {
    const file = newFile();
    await withStore(file, logOf);
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      expect(await withStore(file, logOf)).toEqual([]);
      expect(readFileSync(file)).toEqual(whole);
    }
  });

  it("takes no position for a line that somebody has begun behind the last one", async () => {
    const { file, log } = await fileOfTwoWrites();
    appendFileSync(file, "0123456789abcdef {");
    const result = await withStore(file, (store) => store.write([append("account-1", event(5))]));
    expect(result.position).toBe(log.length);
  });

  it("has times that never go back, also when the clock does", async () => {
    const file = newFile();
    let nowMs = 2_000;
    const clock = { now: () => nowMs, monotonicMs: () => 0 };
    await withRuntime({ clock }, () => withStore(file, (store) => store.write(FIRST)));
    nowMs = 1_000;
    const log = await withRuntime({ clock }, () =>
      withStore(file, async (store) => {
        await store.write(SECOND);
        return logOf(store);
      }),
    );
    expect(log.map(({ time }) => time.getTime())).toEqual([2_000, 2_000, 2_000, 2_000]);
  });
});
