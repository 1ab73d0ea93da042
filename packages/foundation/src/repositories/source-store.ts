import { checkObject, derivedId } from "@reactive-domain/core";
import { metadataOf, type MessageBase } from "@reactive-domain/messaging";
import type { CallOptions, StreamNameBuilder } from "@reactive-domain/persistence";
import { isBroken } from "../aggregates/broken.ts";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { cacheIn, type AggregateCache, type CacheEntry, type SourceCache } from "./aggregate-cache.ts";
import { arm } from "./arm.ts";
import { catchUp } from "./catch-up.ts";
import { EventTrail } from "./event-trail.ts";
import { loadSource, type GetOptions, type LoadOptions, type StoreAccess } from "./load-source.ts";
import { isBeingSaved, saveEvents, type SaveResult } from "./save-events.ts";
import type { SourceKind, Target } from "./source-kind.ts";
import type { Turns } from "./turns.ts";

/** What repositories need of a connected context. */
export interface RepositoryAccess extends StoreAccess {
  readonly streamNames: StreamNameBuilder;
  /** Those whose updates met somebody else's. */
  readonly turns: Turns;
}

export interface RepositoryOptions {
  /** Where aggregates are kept between uses. Default: each is loaded again. */
  readonly cache?: AggregateCache;
}

/** How a source is found. */
export interface FindOptions extends GetOptions {
  /** The message that it is to work for. */
  readonly message?: MessageBase | undefined;
}

/** How a source is held. */
export interface HoldOptions extends FindOptions {
  /** Whether one that is kept may be given as it is, if nobody else wrote to it of late. The store says at the save whether that was right. Default `false`. */
  readonly mayTrust?: boolean;
  /** Whether others may be given the same one meanwhile. Default `false`. */
  readonly isShared?: boolean;
}

interface SaveKind {
  readonly goesOn?: boolean;
  readonly isShared?: boolean;
}

/** A source that somebody works with alone, until he releases it. */
export interface Holding<S extends CorrelatedEventSource> {
  readonly target: Target<S>;
  readonly source: S;
  /** Its place in the cache, if it has one. */
  readonly entry: CacheEntry<S> | undefined;
  /** Whether it is as the store has it, rather than as it was when it was used last. */
  readonly isCurrent: boolean;
}

/** Makes, finds, keeps and saves the sources of one kind. */
export class SourceStore<S extends CorrelatedEventSource> {
  readonly access: RepositoryAccess;
  readonly #kind: SourceKind<S>;
  readonly #cache: SourceCache | undefined;

  /** Errors: `invalid-argument`. */
  constructor(kind: SourceKind<S>, access: RepositoryAccess, options: RepositoryOptions = {}) {
    checkObject("The options of a repository", options);
    this.access = access;
    this.#kind = kind;
    this.#cache = cacheIn(options.cache, access.store);
  }

  targetOf(id: string): Target<S> {
    const { type } = this.#kind;
    return { kind: this.#kind, id, stream: this.access.streamNames.forAggregate(type, id) };
  }

  /** A new source, not in the cache. */
  create(id: string, message?: MessageBase): Holding<S> {
    const target = this.targetOf(id);
    const source = this.#kind.make(id);
    if (message !== undefined) arm(source, message, target.stream);
    return { target, source, entry: undefined, isCurrent: true };
  }

  /** Errors: as {@link loadSource}. */
  find(id: string, options: FindOptions = {}): Promise<S | undefined> {
    // Most repositories have no cache: a load is short enough for each further step to tell.
    return this.#cache === undefined ? this.#load(id, options) : this.#findHeld(id, options);
  }

  /**
   * Finds a source for a user. One that is in use, or was left changed, stays with its user: another is loaded in its place.
   *
   * Errors: as {@link loadSource}.
   */
  async hold(id: string, { message, ...options }: HoldOptions): Promise<Holding<S> | undefined> {
    const target = this.targetOf(id);
    const sourceId = message === undefined ? undefined : metadataOf(message).id;
    const { mayTrust = false, isShared = false, ...loading } = { ...options, sourceId };
    const holding = (await this.#holdKept(target, loading, { mayTrust, isShared })) ?? (await this.#holdLoaded(target, loading, isShared));
    if (holding === undefined) return undefined;
    if (message !== undefined) arm(holding.source, message, target.stream);
    else if (!isShared) holding.source.uncorrelate();
    return holding;
  }

  /** Lets the next user have the source. One that something is left on which was not saved is given to nobody. */
  release({ entry }: Holding<S>): void {
    if (entry !== undefined) entry.isInUse = false;
  }

  /**
   * Whether the store knows more than a source that was not current: what was decided on it has to be decided again.
   *
   * Errors: as {@link loadSource}.
   */
  async isOutdated({ target, source, entry, isCurrent }: Holding<S>, { message, ...options }: FindOptions): Promise<boolean> {
    if (isCurrent || entry === undefined) return false;
    if (source.pendingEvents.length > 0) return true;
    const sourceId = message === undefined ? undefined : metadataOf(message).id;
    const outcome = await catchUp(this.access, { target, source, trail: entry.trail }, { ...options, sourceId });
    if (outcome === "stale") this.#cache?.remove(target.stream, entry);
    else this.#cache?.caughtUp(target.stream, entry, outcome === "moved");
    return outcome !== "current";
  }

  /** Writes what is pending; `goesOn` leaves the unit of work open, and with `isShared` its user may go on with it. Errors: as {@link saveEvents}. */
  async save(source: S, options?: CallOptions, { goesOn = false, isShared = false }: SaveKind = {}): Promise<SaveResult> {
    const target = this.targetOf(source.id);
    return saveEvents(this.access, [{ source, target, goesOn }], options, (saved) => this.#cache?.saved(saved, isShared));
  }

  /** Takes a source out of the cache. */
  forget(id: string): void {
    this.#cache?.remove(this.targetOf(id).stream);
  }

  async #load(id: string, { message, ...options }: FindOptions): Promise<S | undefined> {
    const target = this.targetOf(id);
    const loading: LoadOptions = message === undefined ? options : { ...options, sourceId: metadataOf(message).id };
    const source = await loadSource(this.access, target, loading);
    if (source !== undefined && message !== undefined) arm(source, message, target.stream);
    return source;
  }

  async #findHeld(id: string, options: FindOptions): Promise<S | undefined> {
    // Who works for a message works alone until he saves.
    return (await this.hold(id, { ...options, isShared: options.message === undefined }))?.source;
  }

  async #holdKept(
    target: Target<S>,
    options: LoadOptions,
    { mayTrust, isShared }: Required<Pick<HoldOptions, "mayTrust" | "isShared">>,
  ): Promise<Holding<S> | undefined> {
    const entry = options.asOf === undefined ? this.#cache?.get<S>(target) : undefined;
    if (entry === undefined || entry.isInUse || !isClean(entry.source) || mayHave(entry, target, options)) return undefined;
    if (entry.isShared && !isShared) return undefined;
    const { source, trail } = entry;
    give(entry, isShared);
    if (mayTrust && entry.isQuiet) return this.#hit({ target, source, entry, isCurrent: false });
    try {
      const outcome = await catchUp(this.access, { target, source, trail }, options);
      if (outcome === "stale") return undefined;
      this.#cache?.caughtUp(target.stream, entry, outcome === "moved");
      return this.#hit({ target, source, entry, isCurrent: true });
    } catch (error) {
      entry.isInUse = false;
      throw error;
    }
  }

  async #holdLoaded(target: Target<S>, options: LoadOptions, isShared: boolean): Promise<Holding<S> | undefined> {
    const cache = options.asOf === undefined ? this.#cache : undefined;
    const trail = cache && new EventTrail();
    const source = await loadSource(this.access, target, { ...options, trail });
    if (cache === undefined || trail === undefined) return source && { target, source, entry: undefined, isCurrent: true };
    cache.misses++;
    if (source === undefined) {
      cache.remove(target.stream);
      return undefined;
    }
    const entry = cache.put(target, source, trail);
    give(entry, isShared);
    return { target, source, entry, isCurrent: true };
  }

  #hit(holding: Holding<S>): Holding<S> {
    if (this.#cache !== undefined) this.#cache.hits++;
    return holding;
  }
}

function isClean(source: CorrelatedEventSource): boolean {
  return source.pendingEvents.length === 0 && !isBeingSaved(source) && !isBroken(source);
}

/** Gives a source out, to one user or to all. */
function give(entry: CacheEntry, isShared: boolean): void {
  if (!isShared) entry.isInUse = true;
  else if (!entry.isShared) {
    // What it was used for before is done.
    entry.source.uncorrelate();
    entry.isShared = true;
  }
}

/** Whether the events of the message that a source is wanted for may be among those that it was folded from: loading tells. */
function mayHave({ trail }: CacheEntry, { stream }: { readonly stream: string }, { sourceId }: LoadOptions): boolean {
  return sourceId !== undefined && trail.mayHave(derivedId(sourceId, stream, 0));
}
