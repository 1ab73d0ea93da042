import type { CancelTask, Runtime } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import { Batching, stopWaiting, type Group } from "./batching.ts";
import type { Entry } from "./entry.ts";
import type { QueueSettings } from "./queue-options.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** The room of messages without keys. */
export class CommonRoom<M extends MessageBase> extends WaitingRoom<M> implements Group {
  cancelTimer: CancelTask | undefined = undefined;
  readonly #batching: Batching<Group> | undefined;

  /** `onDue`: some messages have waited long enough to be a batch. */
  constructor({ laneCount, batch }: QueueSettings<M>, runtime: Runtime, onDue: () => void) {
    super(laneCount);
    this.#batching = batch && new Batching<Group>(batch, runtime, onDue);
  }

  get isReady(): boolean {
    return this.#batching === undefined ? this.size > 0 : this.#batching.isDue(this);
  }

  add(entry: Entry<M>): void {
    this.all.add(entry);
  }

  take(): Entry<M> | undefined {
    if (!this.isReady) return undefined;
    const first = this.#begin();
    if (first !== undefined && this.#batching !== undefined) {
      first.batch = this.#batching.fill(first, () => this.#begin());
      stopWaiting(this);
    }
    return first;
  }

  release(): void {}

  leave(entry: Entry<M>): void {
    this.all.leave(entry);
    if (this.size === 0) stopWaiting(this);
  }

  flush(): void {
    if (this.#batching !== undefined) this.#batching.isFlushing = true;
  }

  forgetKeys(): void {}

  #begin(): Entry<M> | undefined {
    const entry = this.all.mostUrgent;
    if (entry === undefined) return undefined;
    entry.begin();
    this.all.leave(entry);
    return entry;
  }
}
