import { createMessageQueue, Event } from "@reactive-domain/foundation";
import type { BenchRow } from "../../report.ts";

class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}

const MESSAGES = 1_000_000;
const KEYS = 1_000;
const CAPACITY = 10_000;
const PARALLELISM = 8;
const MESSAGES_A_LOOK = 1_000;
const MESSAGES_A_COLLECTION = 25_000;
const BYTES_PER_MB = 1024 * 1024;
/** What 10,000 messages of this size, and the queue around them, may take: half a kilobyte each, and room for the measuring. */
const BELOW_MB = 8;

/** What is held while far more messages than the queue may hold pass through it. Needs `--expose-gc`. */
export async function memoryRow(): Promise<BenchRow> {
  const peak = newPeak();
  await using queue = createMessageQueue(
    "deposits",
    async ({ amount }: AmountDeposited) => {
      if (amount % MESSAGES_A_COLLECTION === 0) peak.weigh();
    },
    { capacity: CAPACITY, parallelism: PARALLELISM, partitionBy: (message) => message.accountId },
  );
  for (let amount = 0; amount < MESSAGES; amount++) {
    await queue.post(new AmountDeposited({ accountId: `account-${amount % KEYS}`, amount }));
    if (amount % MESSAGES_A_LOOK === 0) peak.look(queue.statistics().depth);
    if (amount % MESSAGES_A_COLLECTION === 0) peak.weigh();
  }
  await queue.drain();
  const numbers = [MESSAGES, CAPACITY, peak.depth].map((number) => number.toLocaleString("en-US"));
  const name = `heap taken while ${numbers[0]} messages pass ${numbers[1]} places, of which ${numbers[2]} were taken at most`;
  const met = peak.depth <= CAPACITY && peak.megabytes < BELOW_MB;
  return { id: "queue.memory", name, unit: "MB", value: peak.megabytes, below: BELOW_MB, met };
}

/** The most that waited, and the most that was alive, of all looks. */
function newPeak(): {
  readonly look: (depth: number) => void;
  readonly weigh: () => void;
  readonly depth: number;
  readonly megabytes: number;
} {
  const startBytes = heapBytes();
  let depth = 0;
  let bytes = 0;
  return {
    look: (now) => (depth = Math.max(depth, now)),
    weigh: () => (bytes = Math.max(bytes, heapBytes() - startBytes)),
    get depth(): number {
      return depth;
    },
    get megabytes(): number {
      return bytes / BYTES_PER_MB;
    },
  };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
