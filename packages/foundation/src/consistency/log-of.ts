import type { Position } from "@reactive-domain/core";
import type { CallOptions, EventStore } from "@reactive-domain/persistence";
import { markOf, type LogMark } from "./token.ts";

/** Which log a store holds. */
export interface LogIdentity {
  readonly log: string;
  readonly mark: LogMark;
}

const known = new WeakMap<EventStore, LogIdentity>();

/** Which log a store holds, looked up once. Errors: `not-supported` by a store without transfer, those of the store. */
export async function logOf(store: EventStore, options?: CallOptions): Promise<LogIdentity> {
  return known.get(store) ?? (await lookUpLog(store, options));
}

/** Which log a store holds now, and where it ends. Errors as of {@link logOf}. */
export async function lookUpLog(store: EventStore, options?: CallOptions): Promise<LogIdentity & { readonly head: Position | null }> {
  const { log, head } = await store.transfer.status(options);
  const identity = { log, mark: markOf(log) };
  // An empty store may yet become a copy of another log.
  if (head !== null) known.set(store, identity);
  return { ...identity, head };
}
