import { position } from "@reactive-domain/core";
import type { EventBatch, StreamInfo, WriteResult } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";

/** A driver of an empty log that lists what is called after it was closed. */
class WatchedDriver implements EventStoreDriver {
  readonly name = "The watched store";
  readonly durability = "none";
  readonly calledWhenClosed: string[] = [];
  listeners = 0;
  #isClosed = false;

  async write(): Promise<WriteResult> {
    return { position: position(0), streams: [], repeated: false };
  }

  streamInfo(stream: string): StreamInfo {
    return { stream, state: "missing", lastVersion: null, firstVersion: null, metadata: {} };
  }

  readPage(): EventBatch {
    this.#called("readPage");
    return { events: [], isEnd: true, next: 0, head: null, lastVersion: undefined };
  }

  onCommit(): () => void {
    this.#called("onCommit");
    this.listeners++;
    return () => {
      this.listeners--;
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #called(what: string): void {
    if (this.#isClosed) this.calledWhenClosed.push(what);
  }
}

describe("a subscription", () => {
  it.each(["start", "end"] as const)(
    "from the %s that is first read when its store is closed does not disturb the closed driver",
    async (from) => {
      const driver = new WatchedDriver();
      const store = createEventStore(driver);
      const subscription = store.subscribe({ all: true }, { from });
      await store.close();
      await expect(subscription.next()).rejects.toMatchObject({ code: "already-closed" });
      expect(driver.calledWhenClosed).toEqual([]);
    },
  );

  it("listens to commits from its first read until it ends, however it ends", async () => {
    const driver = new WatchedDriver();
    const store = createEventStore(driver);
    const controller = new AbortController();
    const closed = store.subscribe({ all: true });
    const aborted = store.subscribe({ all: true }, { signal: controller.signal });
    const storeClosed = store.subscribe({ all: true });
    expect(driver.listeners).toBe(0);
    for (const subscription of [closed, aborted, storeClosed]) await subscription.next();
    expect(driver.listeners).toBe(3);
    await closed.close();
    expect(driver.listeners).toBe(2);
    controller.abort();
    await expect(aborted.next()).rejects.toBe(controller.signal.reason);
    expect(driver.listeners).toBe(1);
    await store.close();
    await expect(storeClosed.next()).rejects.toMatchObject({ code: "already-closed" });
    expect(driver.listeners).toBe(0);
  });

  it("tells its reader when the driver cannot read, and ends", async () => {
    const driver = new WatchedDriver();
    const failure = new Error("disk gone");
    driver.readPage = () => {
      throw failure;
    };
    const store = createEventStore(driver);
    for (const from of ["start", "end"] as const) {
      const subscription = store.subscribe({ all: true }, { from });
      await expect(subscription.next()).rejects.toBe(failure);
      expect((await subscription.next()).done).toBe(true);
    }
    expect(driver.listeners).toBe(0);
  });

  it("wakes for a commit that comes while it reads, in whatever order they go on", async () => {
    for (let seed = 1; seed <= 50; seed++) {
      await createTestRuntime({ seed }).run(async () => {
        const driver = new CommittingDriver();
        await using store = createEventStore(driver);
        const subscription = store.subscribe({ all: true });
        await subscription.next();
        const next = subscription.next();
        await Promise.resolve();
        driver.commit();
        expect(await next).toMatchObject({ value: { kind: "events", upTo: 0 } });
      });
    }
  });
});

/** A driver whose log grows by an event that nobody selected. */
class CommittingDriver extends WatchedDriver {
  readonly #listening = new Set<() => void>();
  #head: EventBatch["head"] = null;

  override readPage(): EventBatch {
    return { events: [], isEnd: true, next: this.#head === null ? 0 : 1, head: this.#head, lastVersion: undefined };
  }

  override onCommit(listener?: () => void): () => void {
    if (listener !== undefined) this.#listening.add(listener);
    return () => undefined;
  }

  commit(): void {
    this.#head = position(0);
    for (const listener of this.#listening) listener();
  }
}
