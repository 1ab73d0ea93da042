import type { CancelTask, Runtime } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import { Batching, stopWaiting, type Group } from "./batching.ts";
import type { Entry } from "./entry.ts";
import type { QueueSettings } from "./queue-options.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** The room of messages without keys. */
export class CommonRoom<M extends MessageBase> extends WaitingRoom<M> implements Group {
  cancelTimer: CancelTask | undefined = undefined;
  readonly #maxTaken: number;
  readonly #batching: Batching<Group> | undefined;

  /** `onDue`: some messages have waited long enough to be a batch. */
  constructor({ laneCount, batch }: QueueSettings<M>, runtime: Runtime, onDue: () => void) {
    super(laneCount);
    this.#maxTaken = batch?.maxMessages ?? 1;
    this.#batching = batch && new Batching<Group>(batch, runtime, onDue);
  }

  get isReady(): boolean {
    return this.#batching === undefined ? this.size > 0 : this.#batching.isDue(this);
  }

  add(entry: Entry<M>): void {
    this.all.add(entry);
  }

  take(): readonly Entry<M>[] | undefined {
    const first = this.isReady ? this.#begin() : undefined;
    if (first === undefined) return undefined;
    const taken = [first];
    while (taken.length < this.#maxTaken) {
      const next = this.#begin();
      if (next === undefined) break;
      taken.push(next);
    }
    stopWaiting(this);
    this.#batching?.isDue(this);
    return taken;
  }

  release(): void {}

  leave(entry: Entry<M>): void {
    this.all.leave(entry);
    if (this.size === 0) stopWaiting(this);
  }

  flush(): void {
    if (this.#batching !== undefined) this.#batching.isFlushing = true;
  }

  #begin(): Entry<M> | undefined {
    const entry = this.all.mostUrgent;
    if (entry !== undefined) {
      entry.state = "running";
      this.all.leave(entry);
    }
    return entry;
  }
}
