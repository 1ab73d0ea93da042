import { ReactiveDomainError, type Position, type Runtime } from "@reactive-domain/core";
import {
  Fenced,
  ProjectionChanged,
  WrongCheckpoint,
  type LaneMove,
  type ProjectionStore,
  type WorkerGuard,
} from "@reactive-domain/persistence";
import { PieceFailed } from "./errors.ts";
import type { FailurePolicy } from "./failure-policy.ts";
import type { LaneEntries } from "./lane-entries.ts";
import type { LaneWork } from "./lane-work.ts";
import type { EventFailure } from "./projection-options.ts";
import type { PreparedEvent, Task } from "./task.ts";

/** What the lanes of a generation have in common. */
export interface LaneSetting<C> {
  readonly store: ProjectionStore<C>;
  readonly guard: WorkerGuard;
  readonly policy: FailurePolicy;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly failed: (failure: EventFailure) => void;
  /** Told which events are in a commit, where that is wanted. */
  readonly committed: ((events: readonly PreparedEvent<C>[]) => void) | undefined;
  /** How long what is done may wait for its commit while there is more, in milliseconds. */
  readonly maxCommitMs: number;
}

/** After how many events there is a commit, however little they change. */
const MAX_EVENTS = 200_000;

const EVENTS_A_LOOK = 32;

/** One lane of a generation: does events in their order, and commits what came of them together with how far it is. */
export class Lane<C> {
  readonly lane: number;
  readonly work: LaneWork<C>;
  readonly entries: LaneEntries;
  readonly setting: LaneSetting<C>;
  /** Where the lane is, in what keeps it. */
  #committed: Position | null;
  /** Up to where everything is done, if not committed. */
  #reached: Position | null;
  #handled = 0;
  #handledInAll = 0;
  #sinceMs: number | undefined;
  #told: PreparedEvent<C>[] = [];
  #sentMs: number | undefined;

  constructor(
    setting: LaneSetting<C>,
    { lane, committed, work, entries }: Pick<Lane<C>, "lane" | "work" | "entries"> & { readonly committed: Position | null },
  ) {
    this.setting = setting;
    this.lane = lane;
    this.work = work;
    this.entries = entries;
    this.#committed = committed;
    this.#reached = committed;
  }

  get committed(): Position | null {
    return this.#committed;
  }

  /** How many events were committed. */
  get handledInAll(): number {
    return this.#handledInAll;
  }

  get reached(): Position | null {
    return this.#reached;
  }

  /** Whether something is done that has waited long enough, or is enough, for a commit. */
  get isDue(): boolean {
    if (this.#sinceMs === undefined) return false;
    if (this.work.isFull || this.#handled >= MAX_EVENTS) return true;
    // The clock is not looked at behind every event.
    if (this.#handled % EVENTS_A_LOOK > 0) return false;
    return this.setting.runtime.clock.monotonicMs() - this.#sinceMs >= this.setting.maxCommitMs;
  }

  /** For how long a commit has been under way, with the handlers in it. */
  get waitsMs(): number {
    return this.#sentMs === undefined ? 0 : this.setting.runtime.clock.monotonicMs() - this.#sentMs;
  }

  /** Whether anything was done since the last commit. What only lies behind can wait. */
  get hasDone(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** The tasks of an event that are to be done now; those of blocked keys wait. */
  freeTasks({ position, recorded, tasks }: PreparedEvent<C>): readonly Task<C>[] {
    const { blocked } = this.entries;
    if (blocked.size === 0 || tasks.length === 0) return tasks;
    // What an event of its stream that could not be read would have changed is not known: it may be the same.
    if (blocked.has(recorded.stream)) {
      this.#wait(position, recorded.stream);
      return [];
    }
    if (tasks.every(({ key }) => !blocked.has(key))) return tasks;
    const free: Task<C>[] = [];
    for (const task of tasks) {
      if (!blocked.has(task.key)) free.push(task);
      else this.#wait(position, task.key);
    }
    return free;
  }

  #wait(position: Position, key: string): void {
    this.entries.put({ position, key, state: "waiting", attempts: 0, error: "waits behind a parked event of its key", size: 1 });
  }

  /** An event is done, and goes into the next commit. */
  did(event: PreparedEvent<C>, tasks: number): void {
    this.#reached = event.position;
    if (tasks > 0) this.#handled++;
    if (tasks > 0 && this.setting.committed !== undefined) this.#told.push(event);
    this.#sinceMs ??= this.setting.runtime.clock.monotonicMs();
  }

  /** Everything up to a position is done, as there is nothing more. */
  cover(upTo: Position): void {
    if (upTo > (this.#reached ?? -1)) this.#reached = upTo;
  }

  /** Errors: {@link PieceFailed}, those of the store; nothing is committed then, and what was done is to be forgotten. */
  async commit(): Promise<void> {
    const move = { lane: this.lane, expected: this.#committed, position: this.#reached };
    const events = this.#told;
    await this.send(move.expected === move.position ? [] : [move], this.#handled);
    this.#committed = this.#reached;
    this.#handledInAll += this.#handled;
    this.#handled = 0;
    this.#sinceMs = undefined;
    this.#told = [];
    if (events.length > 0) this.setting.committed?.(events);
  }

  /** Commits what was done and what is to be kept of entries, with or without moving on. */
  async send(moves: readonly LaneMove[], handled: number): Promise<void> {
    const { store, guard } = this.setting;
    const entries = this.entries.part();
    const part = this.work.part();
    if (moves.length === 0 && this.entries.isEmpty && part.documents === undefined && part.work === undefined) return;
    this.#sentMs = this.setting.runtime.clock.monotonicMs();
    try {
      await store.commit({ ...guard, moves, handled, ...entries, ...part });
    } catch (error) {
      throw this.#isOfEvents(error) ? new PieceFailed(error) : error;
    } finally {
      this.#sentMs = undefined;
    }
    this.work.committed();
    this.entries.committed();
  }

  /** Forgets what was done since the last commit, and answers of which events it was, where that is known. */
  forget(): readonly PreparedEvent<C>[] {
    const events = this.work.discard();
    this.entries.discard();
    this.#reached = this.#committed;
    this.#handled = 0;
    this.#sinceMs = undefined;
    this.#told = [];
    return events;
  }

  /** Whether events are to blame for a commit that failed. */
  #isOfEvents(error: unknown): boolean {
    if (error instanceof Fenced || error instanceof ProjectionChanged || error instanceof WrongCheckpoint) return false;
    if (error instanceof ReactiveDomainError) return !error.retryable;
    return this.work.failed !== undefined;
  }
}
