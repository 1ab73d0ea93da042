import { currentRuntime, sleep } from "@reactive-domain/core";
import { createBackoff, isConflict, type BackoffOptions, type MessageBase } from "@reactive-domain/messaging";
import { EventAlreadyRecorded, type CallOptions } from "@reactive-domain/persistence";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import type { SaveResult } from "./save-events.ts";
import type { SourceStore } from "./source-store.ts";

/** How often an update decides again when another writer was first, and how long it waits before. */
export interface UpdateOptions extends CallOptions, BackoffOptions {}

/** What an update did. */
export interface UpdateResult<R> extends SaveResult {
  /** What the change returned. */
  readonly value: R;
}

/** A change of one source, and for whom. */
export interface Update<S extends CorrelatedEventSource, R> {
  readonly id: string;
  readonly message: MessageBase | undefined;
  readonly change: (source: S) => R | Promise<R>;
  /** What is thrown where there is no source. Default: a new one is made. */
  readonly missing?: () => Error;
}

const OUTDATED = Symbol("outdated");

/**
 * Finds a source, changes it and saves it; when another writer was first, it is found and changed again, after a wait that grows and is drawn by lot. A change that was
 * refused on a state that was not current is tried again on the current one.
 *
 * Errors: those of the change, `command-already-applied`, `wrong-expected-version` when the attempts are used up, those of the serializer and of the store.
 */
export async function updateSource<S extends CorrelatedEventSource, R>(
  store: SourceStore<S>,
  update: Update<S, R>,
  options: UpdateOptions = {},
): Promise<UpdateResult<R>> {
  const backoff = createBackoff("an update", options);
  const runtime = currentRuntime();
  let mayTrust = true;
  for (let attempt = 1; ;) {
    try {
      const result = await tryUpdate(store, update, { options, mayTrust });
      if (result !== OUTDATED) return result;
    } catch (error) {
      // Other events under the ids that the message leads to: it was carried out before, and loading for it tells so.
      const isRepetition = mayTrust && error instanceof EventAlreadyRecorded;
      if (!isRepetition && (attempt >= backoff.attempts || !isConflict(error))) throw error;
      if (!isRepetition) await sleep(backoff.delayMs(attempt++), { runtime, signal: options.signal });
    }
    mayTrust = false;
  }
}

async function tryUpdate<S extends CorrelatedEventSource, R>(
  store: SourceStore<S>,
  { id, message, change, missing }: Update<S, R>,
  { options, mayTrust }: { readonly options: CallOptions; readonly mayTrust: boolean },
): Promise<UpdateResult<R> | typeof OUTDATED> {
  const { signal, context } = options;
  const finding = { ...(signal && { signal }), ...(context && { context }), message };
  const holding = await store.hold(id, { ...finding, mayTrust });
  if (holding === undefined && missing !== undefined) throw missing();
  const held = holding ?? store.create(id, message);
  try {
    let value: R;
    try {
      value = await change(held.source);
    } catch (error) {
      // It may have been said of an old state.
      if (await store.isOutdated(held, finding)) return OUTDATED;
      throw error;
    }
    return { ...(await store.save(held.source, finding)), value };
  } finally {
    store.release(held);
  }
}
