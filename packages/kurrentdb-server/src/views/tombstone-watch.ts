import type { RecordedEvent, Subscription } from "@reactive-domain/persistence";
import { STREAM_DELETED_TYPE } from "../metadata/described-stream.ts";
import type { ServerContext } from "../server-context.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { streamDeleted, type Refusal } from "../wire/refusal.ts";
import { tombstonedStream } from "./tombstone-event.ts";

interface Watcher {
  readonly stream: string;
  /** What the client calls it. */
  readonly name: string;
  readonly end: (refusal: Refusal) => void;
}

/** Tells those who follow a stream that it is deleted for ever: nothing comes to them any more that could tell. One subscription serves all of them. */
export class TombstoneWatch {
  readonly #context: ServerContext;
  readonly #watchers = new Set<Watcher>();
  #subscription: Subscription | undefined;
  #begun: Promise<void> = Promise.resolve();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** Resolves, with how to leave, when nothing that is tombstoned from now on is missed. */
  async watch(stream: string, name: string, end: (refusal: Refusal) => void): Promise<() => void> {
    const watcher = { stream, name, end };
    this.#watchers.add(watcher);
    if (this.#subscription === undefined) this.#begin();
    await this.#begun;
    return () => this.#leave(watcher);
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    void this.#subscription?.close();
    this.#subscription = undefined;
  }

  #begin(): void {
    const subscription = this.#context.store.subscribe({ eventType: STREAM_DELETED_TYPE }, { from: "end" });
    this.#subscription = subscription;
    this.#begun = new Promise((resolve) => {
      void this.#follow(subscription, resolve);
    });
  }

  /** Where the watch fails, everybody is told: they come again, and so does the watch. */
  async #follow(subscription: Subscription, begun: () => void): Promise<void> {
    try {
      for await (const message of subscription) {
        if (message.kind === "live") begun();
        else message.events.forEach((event) => this.#tell(event));
      }
    } catch (error) {
      if (this.#subscription === subscription) this.#subscription = undefined;
      for (const { end } of this.#watchers) end(refusalOf(error));
    }
    begun();
  }

  #tell(event: RecordedEvent): void {
    const deleted = tombstonedStream(event);
    for (const { stream, name, end } of this.#watchers) if (stream === deleted) end(streamDeleted(name));
  }
}
