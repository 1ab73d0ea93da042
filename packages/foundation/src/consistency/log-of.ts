import type { Position } from "@reactive-domain/core";
import type { CallOptions, EventStore } from "@reactive-domain/persistence";
import { SharedLook } from "./shared-look.ts";
import { markOf, type LogMark } from "./token.ts";

/** Which log a store holds. */
export interface LogIdentity {
  readonly log: string;
  readonly mark: LogMark;
}

/** Which log a store holds, and where it ends. */
export interface LogState extends LogIdentity {
  readonly head: Position | null;
}

const known = new WeakMap<EventStore, LogIdentity>();
const looks = new WeakMap<EventStore, SharedLook<LogState>>();

/** Which log a store holds, as far as it was looked up before. */
export function logKnownOf(store: EventStore): LogIdentity | undefined {
  return known.get(store);
}

/** Which log a store holds, looked up once. Errors: `not-supported` by a store without transfer, those of the store. */
export async function logOf(store: EventStore, options?: CallOptions): Promise<LogIdentity> {
  return known.get(store) ?? (await lookUpLog(store, options));
}

/** Which log a store holds by now, looked up once for all who ask together. Errors as of {@link logOf}, and the signal's reason. */
export function lookUpLogTogether(store: EventStore, signal: AbortSignal): Promise<LogState> {
  const look = looks.get(store) ?? new SharedLook((ending) => lookUpLog(store, { signal: ending }));
  looks.set(store, look);
  return look.ask(signal);
}

async function lookUpLog(store: EventStore, options?: CallOptions): Promise<LogState> {
  const { log, head } = await store.transfer.status(options);
  const identity = { log, mark: markOf(log) };
  // An empty store may yet become a copy of another log.
  if (head !== null) known.set(store, identity);
  return { ...identity, head };
}
