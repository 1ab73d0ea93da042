import { currentRuntime, position } from "@reactive-domain/core";
import type { EventBatch } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { describe, expect, it } from "vitest";
import { ReadAhead } from "../../src/reading/read-ahead.ts";

const PAGE = 100;

/** A log that grows, and tells what was read of it. */
class Log {
  readonly read: number[] = [];
  events = 250;
  isBroken = false;

  readonly page = async ({ from: asked, maxEvents }: PageRequest): Promise<EventBatch> => {
    const from = asked as number;
    // A pool lends a connection in its own time: only then is anything on its way to the server.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    this.read.push(from);
    if (this.isBroken) throw new Error("The server is away.");
    const end = Math.min(from + maxEvents, this.events);
    return { events: [], next: end, isEnd: end === this.events, head: position(this.events - 1), lastVersion: undefined };
  };
}

function request(from: number): PageRequest {
  return { source: { all: true }, direction: "forwards", from, maxEvents: PAGE, maxBytes: 1_000_000, filter: undefined };
}

describe("reading ahead", () => {
  it("reads the next page while the last one is handled, from the second on", async () => {
    const log = new Log();
    log.events = 1_000;
    const ahead = new ReadAhead(log.page, currentRuntime());
    await ahead.read(request(0));
    expect(log.read).toEqual([0]);
    await ahead.read(request(100));
    expect(log.read).toEqual([0, 100, 200]);
    await ahead.read(request(200));
    expect(log.read).toEqual([0, 100, 200, 300]);
  });

  it("reads a page anew that reached the end: what was committed meanwhile belongs to it", async () => {
    const log = new Log();
    const ahead = new ReadAhead(log.page, currentRuntime());
    await ahead.read(request(0));
    await ahead.read(request(100));
    expect(log.read).toEqual([0, 100, 200]);
    log.events = 260;
    expect(await ahead.read(request(200))).toMatchObject({ next: 260, isEnd: true });
  });

  it("gives an error to who asks, and only if it is still one", async () => {
    const log = new Log();
    log.events = 1_000;
    const ahead = new ReadAhead(log.page, currentRuntime());
    await ahead.read(request(0));
    const second = ahead.read(request(100));
    await second;
    log.isBroken = true;
    await ahead.read(request(200));
    await expect(ahead.read(request(300))).rejects.toThrow("away");
    log.isBroken = false;
    expect(await ahead.read(request(300))).toMatchObject({ next: 400 });
  });

  it("forgets what it has read, and does not read ahead for a look", async () => {
    const log = new Log();
    log.events = 1_000;
    const ahead = new ReadAhead(log.page, currentRuntime());
    await ahead.read(request(0));
    await ahead.read(request(100));
    ahead.forget();
    await ahead.read(request(200));
    expect(log.read).toEqual([0, 100, 200, 200]);
    log.read.length = 0;
    for (const from of [0, 10, 20]) await ahead.read({ ...request(from), maxEvents: 10 });
    expect(log.read).toEqual([0, 10, 20]);
  });
});
