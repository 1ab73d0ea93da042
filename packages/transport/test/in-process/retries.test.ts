import type { TransportHandler } from "@reactive-domain/transport";
import { expect, it } from "vitest";
import { newMessages } from "../new-message.ts";
import { openVirtualTransport, type VirtualTransport } from "./virtual-transport.ts";

interface Attempt {
  readonly attempt: number;
  readonly atMs: number;
}

/** A handler that always fails, and the times at which it was called. */
function failing({ test }: VirtualTransport): { readonly attempts: Attempt[]; readonly handler: TransportHandler } {
  const attempts: Attempt[] = [];
  return {
    attempts,
    handler: async (_message, { attempt }) => {
      attempts.push({ attempt, atMs: test.clock.monotonicMs() });
      throw new Error(`attempt ${attempt} failed`);
    },
  };
}

it("a message whose handler throws comes again after the delay, which doubles up to its limit", async () => {
  const opened = openVirtualTransport({ maxAttempts: 6, retryDelayMs: 50, maxRetryDelayMs: 300 });
  const { attempts, handler } = failing(opened);
  opened.transport.receive("parcels", handler);
  await opened.transport.send("parcels", newMessages("m1"));
  await opened.test.clock.advanceBy(10_000);
  expect(attempts.map(({ atMs }) => atMs)).toStrictEqual([0, 50, 150, 350, 650, 950]);
  expect(attempts.map(({ attempt }) => attempt)).toStrictEqual([1, 2, 3, 4, 5, 6]);
});

it("unless told otherwise there are five attempts, with 100 ms before the second", async () => {
  const opened = openVirtualTransport();
  const { attempts, handler } = failing(opened);
  opened.transport.receive("parcels", handler);
  await opened.transport.send("parcels", newMessages("m1"));
  await opened.test.clock.advanceBy(60_000);
  expect(attempts.map(({ atMs }) => atMs)).toStrictEqual([0, 100, 300, 700, 1500]);
});

it("a first delay above the usual limit is its own limit", async () => {
  const opened = openVirtualTransport({ maxAttempts: 3, retryDelayMs: 60_000 });
  const { attempts, handler } = failing(opened);
  opened.transport.receive("parcels", handler);
  await opened.transport.send("parcels", newMessages("m1"));
  await opened.test.clock.advanceBy(300_000);
  expect(attempts.map(({ atMs }) => atMs)).toStrictEqual([0, 60_000, 120_000]);
});

it("without a delay a message comes again at once, as often as it may", async () => {
  const opened = openVirtualTransport({ maxAttempts: 1100, retryDelayMs: 0 });
  const { attempts, handler } = failing(opened);
  opened.transport.receive("parcels", handler);
  await opened.transport.send("parcels", newMessages("m1"));
  await opened.test.settle();
  expect(attempts).toHaveLength(1100);
  expect(opened.test.pendingTimers).toBe(0);
});

it("a handler that throws before it returns a promise is asked again just so", async () => {
  const { transport, test } = openVirtualTransport();
  const attempts: number[] = [];
  transport.receive("parcels", (_message, { attempt }) => {
    attempts.push(attempt);
    if (attempt === 1) throw new Error("at once");
  });
  await transport.send("parcels", newMessages("m1"));
  await test.clock.advanceBy(10_000);
  expect(attempts).toStrictEqual([1, 2]);
});

it("a message that was acknowledged does not come again", async () => {
  const { transport, test } = openVirtualTransport();
  const arrived: string[] = [];
  transport.receive("parcels", ({ id }) => arrived.push(id));
  await transport.send("parcels", newMessages("m1"));
  await test.clock.advanceBy(3_600_000);
  expect(arrived).toStrictEqual(["m1"]);
});
