import { createMessageQueue, Event } from "@reactive-domain/foundation";
import { handleAll } from "../../../floors/messaging-loop.mjs";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rowOf } from "../row-of.ts";

class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}

const ROUNDS = 5;
const MESSAGES = 1_000_000;
const KEYS = 1_000;
const CAPACITY = 1_000;
const PARALLELISM = 8;
const TARGET = 0.3;

/** Queues beside a bare loop: every message is posted, awaited until it is accepted, and handled by an asynchronous handler. */
export async function queueRows(): Promise<readonly BenchRow[]> {
  const messages = Array.from(
    { length: MESSAGES },
    (_, index) => new AmountDeposited({ accountId: `account-${index % KEYS}`, amount: index }),
  );
  const rates = await compare(throughQueue(messages), inLoop(messages), ROUNDS);
  const name = `${MESSAGES.toLocaleString("en-US")} messages over ${KEYS.toLocaleString("en-US")} keys, ${PARALLELISM} at once, ${CAPACITY.toLocaleString("en-US")} waiting at most`;
  return [rowOf({ id: "queue.partitioned", name, unit: "messages/s", ...rates, target: TARGET })];
}

function throughQueue(messages: readonly AmountDeposited[]): Work {
  return {
    run: async () => {
      const tally = newTally();
      await using queue = createMessageQueue("deposits", tally.handle, {
        capacity: CAPACITY,
        parallelism: PARALLELISM,
        partitionBy: (message) => message.accountId,
      });
      const ms = await timed(async () => {
        for (const message of messages) await queue.post(message);
        await queue.drain();
      });
      tally.check();
      return { units: MESSAGES, ms };
    },
  };
}

function inLoop(messages: readonly AmountDeposited[]): Work {
  return {
    run: async () => {
      const tally = newTally();
      const ms = await timed(() => handleAll(messages, tally.handle));
      tally.check();
      return { units: MESSAGES, ms };
    },
  };
}

/** Counts what is handled: each message once, those of a key in their order. */
function newTally(): { readonly handle: (message: AmountDeposited) => Promise<void>; readonly check: () => void } {
  const last = new Float64Array(KEYS).fill(-1);
  let handled = 0;
  return {
    handle: async ({ amount }) => {
      if ((last[amount % KEYS] ?? 0) >= amount) throw new Error(`Message ${amount} came out of order.`);
      last[amount % KEYS] = amount;
      handled++;
    },
    check: () => {
      if (handled !== MESSAGES) throw new Error(`${handled} of ${MESSAGES} messages were handled.`);
    },
  };
}
