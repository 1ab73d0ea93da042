import { position, version, yieldToLoop } from "@reactive-domain/core";
import type { EventBatch, EventStore, StreamInfo, WriteResult } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A driver of an empty log that answers nothing before a test has it do so. */
class HangingDriver implements EventStoreDriver {
  readonly name = "The hanging store";
  readonly durability = "none";
  readonly gaps = {};
  /** How many questions it was asked. */
  asked = 0;
  listeners = 0;
  readonly #waiting: { readonly answer: () => void; readonly fail: (error: Error) => void }[] = [];

  async write(): Promise<WriteResult> {
    return { position: position(0), streams: [], repeated: false };
  }

  readPage(): Promise<EventBatch> {
    return this.#hang({ events: [], isEnd: true, next: 0, head: null, lastVersion: undefined });
  }

  streamInfo(stream: string): Promise<StreamInfo> {
    return this.#hang({ stream, state: "missing", lastVersion: null, firstVersion: null, metadata: {} });
  }

  snapshot(): Promise<undefined> {
    return this.#hang(undefined);
  }

  checkpoint(): Promise<null> {
    return this.#hang(null);
  }

  readonly transfer = {
    status: () => this.#hang({ log: "log", head: null, copy: null } as never),
    records: () => [],
    take: () => this.#hang({} as never),
  };

  onCommit(): () => void {
    this.listeners++;
    return () => {
      this.listeners--;
    };
  }

  async close(): Promise<void> {
    this.answer();
  }

  answer(): void {
    for (const { answer } of this.#waiting.splice(0)) answer();
  }

  fail(): void {
    for (const { fail } of this.#waiting.splice(0)) fail(new Error("The connection is gone."));
  }

  #hang<T>(value: T): Promise<T> {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ answer: () => resolve(value), fail: reject });
    });
  }
}

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});

afterEach(() => {
  process.off("unhandledRejection", note);
});

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await yieldToLoop();
}

async function drain(read: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of read) continue;
}

type Ask = (store: EventStore, signal: AbortSignal) => Promise<unknown>;

const QUESTIONS: readonly (readonly [what: string, ask: Ask])[] = [
  ["a read", (store, signal) => drain(store.read({ all: true }, { signal }))],
  ["a read event by event", (store, signal) => store.read({ all: true }, { signal })[Symbol.asyncIterator]().next()],
  [
    "a backward read up to a place",
    (store, signal) => drain(store.read({ all: true }, { signal, direction: "backwards", upTo: { position: position(1) } })),
  ],
  ["a read behind a snapshot", (store, signal) => drain(store.read({ stream: "a" }, { signal, snapshot: { schemaVersion: version(1) } }))],
  ["a subscription", (store, signal) => store.subscribe({ all: true }, { signal }).next()],
  ["a subscription from the end", (store, signal) => store.subscribe({ all: true }, { signal, from: "end" }).next()],
  ["a stream's state", (store, signal) => store.streamInfo("a", { signal })],
  ["a snapshot", (store, signal) => store.snapshot("a", { signal })],
  ["a checkpoint", (store, signal) => store.checkpoint("a", { signal })],
  ["which log it is", (store, signal) => store.transfer.status({ signal })],
];

describe.each(QUESTIONS)("asked for %s, a store that hangs", (_, ask) => {
  it.each(["answers", "fails"] as const)("I4: keeps nobody whose signal aborts, and what it %s later is thrown away", async (then) => {
    const driver = new HangingDriver();
    const store = createEventStore(driver);
    const controller = new AbortController();
    const asking = ask(store, controller.signal);
    await quiet();
    expect(driver.asked).toBe(1);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(asking).rejects.toBe(reason);
    if (then === "answers") driver.answer();
    else driver.fail();
    await quiet();
    expect(driver).toMatchObject({ asked: 1, listeners: 0 });
    expect(unhandled).toEqual([]);
  });
});

describe("a subscription to a store that hangs", () => {
  it.each(["start", "end"] as const)("F8: from the %s ends at once when it is closed, and when its store is", async (from) => {
    const driver = new HangingDriver();
    const store = createEventStore(driver);
    const [one, other] = [store.subscribe({ all: true }, { from }), store.subscribe({ all: true }, { from })];
    const [pending, failing] = [one.next(), other.next()];
    await quiet();
    const asked = driver.asked;
    await one.close();
    expect(await pending).toEqual({ done: true, value: undefined });
    const refused = failing.catch((error: unknown) => error);
    await store.close();
    expect(await refused).toMatchObject({ code: "already-closed" });
    await quiet();
    expect(driver).toMatchObject({ asked, listeners: 0 });
    expect(unhandled).toEqual([]);
  });

  it("keeps no write whose signal aborts before the subscription has its place", async () => {
    const driver = new HangingDriver();
    const store = createEventStore(driver);
    await using subscription = store.subscribe({ all: true }, { from: "end" });
    const controller = new AbortController();
    const writing = store.write([{ kind: "checkpoint", name: "a", expected: null, position: null }], { signal: controller.signal });
    await quiet();
    controller.abort(new Error("enough"));
    await expect(writing).rejects.toThrow("enough");
    await subscription.close();
    driver.answer();
  });
});
