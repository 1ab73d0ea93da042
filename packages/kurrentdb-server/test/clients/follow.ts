import { onTestFinished } from "vitest";

/** What the subscriptions of both clients have in common. */
export interface Followable<Entry> extends AsyncIterable<Entry> {
  on(event: string | symbol, listener: (...args: unknown[]) => void): unknown;
  unsubscribe(): Promise<void>;
}

/** What a subscription has told so far, and what it was ended with. */
export interface Followed<Entry> {
  readonly entries: readonly Entry[];
  readonly caughtUp: readonly unknown[];
  readonly fellBehind: readonly unknown[];
  readonly errors: readonly unknown[];
  /** What came, in its order: one word for each. */
  readonly log: readonly ("confirmation" | "event" | "caughtUp" | "fellBehind" | "error" | "end")[];
}

/** Takes down what a subscription tells, until the test ends. */
export function follow<Entry>(subscription: Followable<Entry>): Followed<Entry> {
  const followed = { entries: [] as Entry[], caughtUp: [] as unknown[], fellBehind: [] as unknown[], errors: [] as unknown[] };
  const log: Followed<Entry>["log"][number][] = [];
  subscription.on("confirmation", () => log.push("confirmation"));
  subscription.on("data", (entry) => {
    log.push("event");
    followed.entries.push(entry as Entry);
  });
  subscription.on("caughtUp", (info) => {
    log.push("caughtUp");
    followed.caughtUp.push(info);
  });
  subscription.on("fellBehind", (info) => {
    log.push("fellBehind");
    followed.fellBehind.push(info);
  });
  subscription.on("error", (error) => {
    log.push("error");
    followed.errors.push(error);
  });
  subscription.on("end", () => log.push("end"));
  onTestFinished(() => subscription.unsubscribe());
  return { ...followed, log };
}
