import { context } from "@opentelemetry/api";
import type { MessageBase } from "../message.ts";
import type { Linked } from "../chain.ts";
import type { LinkedInKey } from "./key-chain.ts";
import type { Partition } from "./partition.ts";

/** Who waits for what becomes of a message, for its being accepted, or for a queue to rest. */
export class Waiter {
  resolve!: (answer?: unknown) => void;
  reject!: (error: unknown) => void;
  readonly promise: Promise<unknown> = new Promise((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Where a message is on its way through a queue. `outside`: its sender waits for room. */
type EntryState = "new" | "outside" | "waiting" | "running" | "handled" | "failed" | "given-up";

/** A message on its way through a queue. */
export class Entry<M extends MessageBase> implements Linked<Entry<M>>, LinkedInKey<Entry<M>> {
  readonly message: M;
  readonly signal: AbortSignal | undefined;
  /** 0 is the most urgent. */
  readonly lane: number;
  readonly key: unknown;
  /** What was under way where the message was posted: whoever handles it may be at work for others. */
  readonly context = context.active();
  state: EntryState = "new";
  queuedAtMs = 0;
  startedAtMs = 0;
  /** Who waits to be let in, without an answer. */
  sender: Waiter | undefined = undefined;
  /** Who waits for the answer. */
  caller: Waiter | undefined = undefined;
  /** Kept only where messages that come twice in a row are skipped. */
  answer: unknown = undefined;
  partition: Partition<Entry<M>> | undefined = undefined;
  /** Stops listening to the signal. */
  unlisten: (() => void) | undefined = undefined;
  /** Its neighbours in its lane, in or outside of the queue. */
  before: Entry<M> | undefined = undefined;
  after: Entry<M> | undefined = undefined;
  /** Its neighbours of the same key and lane. */
  beforeInKey: Entry<M> | undefined = undefined;
  afterInKey: Entry<M> | undefined = undefined;

  constructor(message: M, signal: AbortSignal | undefined, lane: number, key: unknown) {
    this.message = message;
    this.signal = signal;
    this.lane = lane;
    this.key = key;
  }
}
