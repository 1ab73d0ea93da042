import type { MessageBase } from "../message.ts";
import type { Entry } from "./entry.ts";
import { Lanes } from "./lanes.ts";

/**
 * The messages that a queue has accepted and not begun. The most urgent lane comes first; within a lane messages come in the order of their acceptance, where
 * there are keys those of one key. Every call takes constant time, whatever waits.
 */
export abstract class WaitingRoom<M extends MessageBase> {
  protected readonly all: Lanes<Entry<M>>;

  constructor(laneCount: number) {
    this.all = new Lanes(laneCount, "waiting");
  }

  get size(): number {
    return this.all.size;
  }

  /** The message that has waited longest in the least urgent lane in which any waits. */
  get leastUrgent(): Entry<M> | undefined {
    return this.all.leastUrgent;
  }

  /** When the oldest message was accepted. */
  get oldestMs(): number | undefined {
    return this.all.oldestMs;
  }

  [Symbol.iterator](): Generator<Entry<M>> {
    return this.all[Symbol.iterator]();
  }

  /** Whether a message or batch may begin now. */
  abstract get isReady(): boolean;

  /** Takes in an entry with the state `waiting`. */
  abstract add(entry: Entry<M>): void;

  /** Takes out what is to begin, if anything: a message, or the first of a batch. Where there are keys, no other of its key begins before {@link release}. */
  abstract take(): Entry<M> | undefined;

  /** Lets the next of the key of a message begin. */
  abstract release(entry: Entry<M>): void;

  /** To be told of an entry that has got another state before it began. */
  abstract leave(entry: Entry<M>): void;

  /** From now on no message waits for others to become a batch with it. */
  abstract flush(): void;

  /** To be told when nothing waits and nothing is in progress. */
  abstract forgetKeys(): void;
}
