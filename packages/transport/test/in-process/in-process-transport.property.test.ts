import type { TransportHandler } from "@reactive-domain/transport";
import fc from "fast-check";
import { expect, it } from "vitest";
import { newMessage } from "../new-message.ts";
import { openVirtualTransport, type VirtualTransport } from "./virtual-transport.ts";

const MAX_ATTEMPTS = 3;
const CHANNELS = ["parcels", "letters", "crates"];

/** A message that fails so often before it is handled. */
interface Plan {
  readonly channel: string;
  readonly failures: number;
  readonly bySync: boolean;
}

/** What happened to the messages of a channel, in order: handled ones by id, parked ones marked. */
type Outcomes = Map<string, string[]>;

const plan: fc.Arbitrary<Plan> = fc.record({
  channel: fc.constantFrom(...CHANNELS),
  failures: fc.nat(MAX_ATTEMPTS + 1),
  bySync: fc.boolean(),
});
const plans = fc.array(plan, { maxLength: 30 });
const seed = fc.integer();

function planned(list: readonly Plan[]): Map<string, Plan> {
  return new Map(list.map((one, index) => [`m${index}`, one]));
}

/** A handler that does as planned, with other work going first at random. */
function handlerOf({ test }: VirtualTransport, messages: ReadonlyMap<string, Plan>, outcomes: Outcomes): TransportHandler {
  return ({ id }, { channel, attempt }) => {
    const { failures, bySync } = messages.get(id) as Plan;
    const outcome = (): void => {
      if (attempt <= failures) throw new Error(`${id} failed`);
      record(outcomes, channel, id);
    };
    return bySync ? outcome() : test.runtime.scheduler.turn()?.then(outcome);
  };
}

function record(outcomes: Outcomes, channel: string, what: string): void {
  outcomes.set(channel, [...(outcomes.get(channel) ?? []), what]);
}

function open(maxBufferedMessages: number, randomness: number, outcomes: Outcomes): VirtualTransport {
  return openVirtualTransport(
    {
      maxBufferedMessages,
      maxAttempts: MAX_ATTEMPTS,
      retryDelayMs: 7,
      onDeadLetter: ({ channel, message, attempts }) => record(outcomes, channel, `${message.id} parked after ${attempts}`),
    },
    randomness,
  );
}

async function sendAll({ transport }: VirtualTransport, messages: ReadonlyMap<string, Plan>): Promise<void> {
  for (const [id, { channel }] of messages) await transport.send(channel, [newMessage(id)]);
}

function expected(messages: ReadonlyMap<string, Plan>): Outcomes {
  const outcomes: Outcomes = new Map();
  for (const [id, { channel, failures }] of messages) {
    record(outcomes, channel, failures < MAX_ATTEMPTS ? id : `${id} parked after ${MAX_ATTEMPTS}`);
  }
  return outcomes;
}

function sorted(outcomes: Outcomes): Outcomes {
  return new Map([...outcomes].map(([channel, list]) => [channel, list.toSorted()]));
}

it("whatever fails, every message is handled or parked exactly once, and in order per channel", async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.integer({ min: 1, max: 5 }), seed, async (list, capacity, randomness) => {
      const outcomes: Outcomes = new Map();
      const opened = open(capacity, randomness, outcomes);
      const messages = planned(list);
      for (const channel of CHANNELS) opened.transport.receive(channel, handlerOf(opened, messages, outcomes));
      const sending = sendAll(opened, messages);
      await opened.test.clock.advanceBy(100_000);
      await sending;
      expect(Object.fromEntries(outcomes)).toStrictEqual(Object.fromEntries(expected(messages)));
      await opened.transport.close();
    }),
  );
});

it("order and completeness survive that the only receiver of each channel is closed and opened again at any time", async () => {
  const pauses = fc.array(fc.nat(20), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(plans, pauses, seed, async (list, pausesMs, randomness) => {
      const outcomes: Outcomes = new Map();
      const opened = open(4, randomness, outcomes);
      const messages = planned(list);
      const sending = sendAll(opened, messages);
      for (const pauseMs of [...pausesMs, 100_000]) {
        const receivers = CHANNELS.map((channel) => opened.transport.receive(channel, handlerOf(opened, messages, outcomes)));
        await opened.test.clock.advanceBy(pauseMs);
        await Promise.all(receivers.map((receiver) => receiver.close()));
      }
      await sending;
      expect(Object.fromEntries(outcomes)).toStrictEqual(Object.fromEntries(expected(messages)));
      expect(opened.test.pendingTimers).toBe(0);
    }),
  );
});

it("with competing receivers that come and go every message is handled or parked exactly once", async () => {
  const stay = fc.record({ channel: fc.constantFrom(...CHANNELS), maxInFlight: fc.integer({ min: 1, max: 3 }), forMs: fc.nat(20) });
  await fc.assert(
    fc.asyncProperty(plans, fc.array(stay, { maxLength: 15 }), seed, async (list, stays, randomness) => {
      const outcomes: Outcomes = new Map();
      const opened = open(6, randomness, outcomes);
      const messages = planned(list);
      const handler = handlerOf(opened, messages, outcomes);
      const sending = sendAll(opened, messages);
      const { runtime } = opened.test;
      for (const { channel, maxInFlight, forMs } of stays) {
        const receiver = opened.transport.receive(channel, handler, { maxInFlight });
        runtime.scheduler.after(forMs, () => void receiver.close());
        await opened.test.clock.advanceBy(5);
      }
      for (const channel of CHANNELS) opened.transport.receive(channel, handler);
      await opened.test.clock.advanceBy(100_000);
      await sending;
      expect(Object.fromEntries(sorted(outcomes))).toStrictEqual(Object.fromEntries(sorted(expected(messages))));
    }),
  );
});
