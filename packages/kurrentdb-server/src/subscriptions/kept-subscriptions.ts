import type { ExpectedVersion, Runtime } from "@reactive-domain/core";
import {
  JSON_CONTENT_TYPE,
  WrongExpectedVersion,
  type EventStore,
  type RecordedEvent,
  type Subscription,
  type WriteItem,
} from "@reactive-domain/persistence";
import type { KeptSubscription } from "./kept-subscription.ts";
import { SUBSCRIPTIONS_STREAM } from "./subscriptions-stream.ts";

const TYPE = "$PersistentConfig";
/** Between a look and the write another server may write: hardly ever so often. */
const MAX_TRIES = 100;

/** All persistent subscriptions of a store, in the last event of one stream: whoever serves the store sees the same. */
export class KeptSubscriptions {
  readonly #store: EventStore;
  readonly #runtime: Runtime;

  constructor(store: EventStore, runtime: Runtime) {
    this.#store = store;
    this.#runtime = runtime;
  }

  async read(): Promise<readonly KeptSubscription[]> {
    return (await this.#look()).kept;
  }

  /** Puts others in place of what there is, and writes `beside` with them; `change` may be asked several times. Errors: those of `change`. */
  async change(
    change: (kept: readonly KeptSubscription[]) => readonly KeptSubscription[],
    beside: readonly WriteItem[] = [],
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { kept, expectedVersion } = await this.#look();
      const data = JSON.stringify({ subscriptions: change(kept) });
      try {
        await this.#write(data, expectedVersion, beside);
        return;
      } catch (error) {
        if (!(error instanceof WrongExpectedVersion) || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Tells of every change from now on. Errors, while iterating: those of the store. */
  async *changes(signal: AbortSignal, begun: () => void): AsyncIterable<readonly KeptSubscription[]> {
    const subscription: Subscription = this.#store.subscribe({ stream: SUBSCRIPTIONS_STREAM }, { from: "end", signal });
    for await (const message of subscription) {
      if (message.kind === "live") begun();
      else if (message.events.length > 0) yield keptIn(message.events.at(-1));
    }
  }

  async #look(): Promise<{ readonly kept: readonly KeptSubscription[]; readonly expectedVersion: ExpectedVersion }> {
    for await (const event of this.#store.read({ stream: SUBSCRIPTIONS_STREAM }, { direction: "backwards", from: "end", limit: 1 }))
      return { kept: keptIn(event), expectedVersion: event.version };
    return { kept: [], expectedVersion: "noStream" };
  }

  async #write(data: string, expectedVersion: ExpectedVersion, beside: readonly WriteItem[]): Promise<void> {
    const event = { id: this.#runtime.ids.next(), type: TYPE, schemaVersion: 1, contentType: JSON_CONTENT_TYPE, data, metadata: "{}" };
    await this.#store.write(
      [
        { kind: "append", stream: SUBSCRIPTIONS_STREAM, expectedVersion, events: [event] },
        { kind: "metadata", stream: SUBSCRIPTIONS_STREAM, metadata: { maxCount: 1 } },
        ...beside,
      ],
      { systemStreams: true },
    );
  }
}

function keptIn(event: RecordedEvent | undefined): readonly KeptSubscription[] {
  const data = event?.data ?? "";
  const text = typeof data === "string" ? data : Buffer.from(data).toString("utf8");
  return (JSON.parse(text) as { readonly subscriptions: readonly KeptSubscription[] }).subscriptions;
}
