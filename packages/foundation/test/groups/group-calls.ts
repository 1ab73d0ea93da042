import type { ConsumerGroups, EventStore } from "@reactive-domain/foundation";

/** What a test does to the calls of a store about groups, and to its writes. A call that is not named goes to the store. */
export type CallsOf = {
  readonly [K in "claim" | "extend" | "status"]?: (call: ConsumerGroups[K]) => ConsumerGroups[K];
} & { readonly write?: (call: EventStore["write"]) => EventStore["write"] };

/** A store some of whose calls a test takes over. */
export function withCalls(store: EventStore, { write, ...changes }: CallsOf): EventStore {
  const groups = new Proxy(store.groups, {
    get: (target, name) => {
      const call = Reflect.get(target, name, target) as (...args: unknown[]) => unknown;
      const change = (changes as Record<PropertyKey, ((call: unknown) => unknown) | undefined>)[name];
      const bound = call.bind(target);
      return change === undefined ? bound : change(bound);
    },
  });
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "groups") return groups;
      const value: unknown = Reflect.get(target, name, target);
      if (name === "write" && write !== undefined) return write(target.write.bind(target));
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A call that is never answered. */
export const never = (): Promise<never> => new Promise(() => undefined);

/** One that is answered by its signal alone. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
