import { checkObject, InvalidArgument, sleep } from "@reactive-domain/core";
import { createBackoff, isConflict, type BackoffOptions, type MessageBase } from "@reactive-domain/messaging";
import { EventAlreadyRecorded, type CallOptions } from "@reactive-domain/persistence";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import type { SaveResult } from "./save-events.ts";
import type { SourceStore } from "./source-store.ts";
import type { Turns } from "./turns.ts";

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
const DEFAULT_TURN_MS = 500;

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
  checkObject("The options of an update", options);
  if (typeof update.change !== "function") throw new InvalidArgument("change", "a function", update.change);
  const backoff = createBackoff("an update", options);
  const { stream } = store.targetOf(update.id);
  // An update within an update of the same aggregate waits for itself, but no longer than for a conflict.
  const turn = new Turn(store.access.turns, stream, { ...options, maxDelayMs: options.maxDelayMs ?? DEFAULT_TURN_MS });
  let mayTrust = true;
  try {
    // Where others meet already, one more would only meet them.
    if (store.access.turns.areTaken(stream)) await turn.come();
    for (let attempt = 1; ;) {
      try {
        const result = await tryUpdate(store, update, { options, mayTrust });
        if (result !== OUTDATED) return result;
      } catch (error) {
        // Other events under the ids that the message leads to: it was carried out before, and loading for it tells so.
        const isRepetition = mayTrust && error instanceof EventAlreadyRecorded;
        if (!isRepetition && (attempt >= backoff.attempts || !isConflict(error))) throw error;
        // Who waited for others of this process has waited; from other processes only time keeps apart.
        if (!isRepetition && !(await turn.come())) await sleep(backoff.delayMs(attempt), { signal: options.signal });
        if (!isRepetition) attempt++;
      }
      mayTrust = false;
    }
  } finally {
    turn.end();
  }
}

/** The turn of one update, once it needs one. */
class Turn {
  readonly #turns: Turns;
  readonly #stream: string;
  readonly #maxWaitMs: number;
  readonly #signal: AbortSignal | undefined;
  #end: (() => void) | undefined;

  constructor(turns: Turns, stream: string, { maxDelayMs, signal }: UpdateOptions & Required<Pick<UpdateOptions, "maxDelayMs">>) {
    this.#turns = turns;
    this.#stream = stream;
    this.#maxWaitMs = maxDelayMs;
    this.#signal = signal;
  }

  /** Waits for it, and returns whether there was anybody to wait for. */
  async come(): Promise<boolean> {
    if (this.#end !== undefined) return false;
    const hasToWait = this.#turns.areTaken(this.#stream);
    this.#end = await this.#turns.take(this.#stream, this.#maxWaitMs, this.#signal);
    return hasToWait;
  }

  end(): void {
    this.#end?.();
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
    // Who decides to do nothing has to know what there is, too: no conflict would tell.
    if (held.source.pendingEvents.length === 0 && (await store.isOutdated(held, finding))) return OUTDATED;
    return { ...(await store.save(held.source, finding)), value };
  } finally {
    store.release(held);
  }
}
