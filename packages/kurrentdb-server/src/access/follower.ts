import { onAbort, type Position, type Runtime } from "@reactive-domain/core";
import type { EventStore, ReadSource, RecordedEvent, Subscription } from "@reactive-domain/persistence";

const RETRY_MS = 500;

/** What is followed, and who is told. */
export interface Followed {
  readonly source: ReadSource;
  readonly from: "start" | "end";
  /** Everything up to a position has been told with this. */
  arrived(events: readonly RecordedEvent[], upTo: Position | null): void;
  /** All of the history has been told: from now on events come as they are written. */
  live(upTo: Position | null): void;
  /** Following failed: nothing is known of what is written until `live` comes again, after all of the history. */
  lost(): void;
}

/** What following needs. */
export interface FollowContext {
  readonly store: EventStore;
  readonly runtime: Runtime;
  /** Aborted when nothing is to be followed any more. */
  readonly ended: AbortSignal;
}

/** Follows a source of the store, again and again where that fails. */
export class Follower {
  readonly #context: FollowContext;
  readonly #followed: Followed;
  #subscription: Subscription | undefined;
  #wasLive = false;

  constructor(context: FollowContext, followed: Followed) {
    this.#context = context;
    this.#followed = followed;
    onAbort(context.ended, () => void this.#subscription?.close());
  }

  /** Resolves when the history has been told for the first time. Errors: those of the store until then, when it is not tried again. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#follow(resolve, reject);
    });
  }

  async #follow(onLive: () => void, onFailure: (error: Error) => void): Promise<void> {
    const { ended, runtime } = this.#context;
    if (ended.aborted) return;
    const failure = await this.#told(onLive);
    this.#followed.lost();
    if (!this.#wasLive) onFailure(failure);
    else runtime.scheduler.after(RETRY_MS, () => void this.#follow(onLive, onFailure));
  }

  /** Tells what there is until the subscription ends, and resolves to why. */
  async #told(onLive: () => void): Promise<Error> {
    const { source, from } = this.#followed;
    try {
      const subscription = this.#context.store.subscribe(source, { from });
      this.#subscription = subscription;
      for await (const message of subscription) {
        if (message.kind === "events") {
          this.#followed.arrived(message.events, message.upTo);
          continue;
        }
        this.#followed.live(message.upTo);
        this.#wasLive = true;
        onLive();
      }
      return new Error("The subscription has ended.");
    } catch (error) {
      return error instanceof Error ? error : new Error("Following failed.", { cause: error });
    }
  }
}
