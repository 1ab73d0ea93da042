import { onTestFinished } from "vitest";

/** What the persistent subscriptions of both clients have in common. */
export interface Consumable<Entry> {
  on(event: string | symbol, listener: (...args: unknown[]) => void): unknown;
  unsubscribe(): Promise<void>;
  ack(...entries: Entry[]): Promise<void>;
  nack(action: "park" | "retry" | "skip" | "stop", reason: string, ...entries: Entry[]): Promise<void>;
}

/** What a consumer was given so far, and what it was ended with. */
export interface Consumed<Entry> {
  readonly subscription: Consumable<Entry>;
  readonly entries: Entry[];
  readonly errors: unknown[];
}

/** Takes down what a consumer is given, until the test ends, and does something about each. */
export function consume<Entry>(
  subscription: Consumable<Entry>,
  handle: (entry: Entry, subscription: Consumable<Entry>) => unknown = () => undefined,
): Consumed<Entry> {
  const consumed: Consumed<Entry> = { subscription, entries: [], errors: [] };
  subscription.on("data", (entry) => {
    consumed.entries.push(entry as Entry);
    void handle(entry as Entry, subscription);
  });
  subscription.on("error", (error) => consumed.errors.push(error));
  onTestFinished(() => subscription.unsubscribe());
  return consumed;
}

/** How often an entry was given before. Clients keep it, though not every one of their types says so. */
export function retriesOf(entry: object): unknown {
  return (entry as { readonly retryCount?: unknown }).retryCount;
}
