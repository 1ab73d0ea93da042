import { ReactiveDomainError, sleep } from "@reactive-domain/core";
import { HandlingFailed, PieceFailed } from "./errors.ts";
import type { Lane } from "./lane.ts";
import type { TaskFailure } from "./lane-work.ts";
import type { EventFailure } from "./projection-options.ts";
import { keyOfUnreadable, type PreparedEvent, type Task } from "./task.ts";
import { errorText } from "./error-text.ts";

/** How many events are loaded for at a time. */
const CHUNK = 1_000;

/** Takes a lane through events, and deals with those that fail. */
export class LaneHandling<C> {
  readonly #lane: Lane<C>;

  constructor(lane: Lane<C>) {
    this.#lane = lane;
  }

  /** Does events in their order, and commits where it is due. Errors: {@link HandlingFailed}, {@link PieceFailed}, those of the store. */
  async take(events: readonly PreparedEvent<C>[]): Promise<void> {
    for (let from = 0; from < events.length; from += CHUNK) {
      const chunk = from === 0 && events.length <= CHUNK ? events : events.slice(from, from + CHUNK);
      for (const [index, event] of chunk.entries()) {
        // A commit or a failure may have let go of what was loaded for those behind it.
        if (!this.#lane.work.isLoaded(event.tasks)) await this.#lane.work.load(chunk.slice(index));
        const waiting = this.#takeOne(event);
        if (waiting !== undefined) await waiting;
        if (this.#lane.isDue) await this.commit();
      }
    }
  }

  /** Commits what is done. Where an event of it is known to have failed, those before it are committed, and it is dealt with; then `false`: what was to be kept of entries beside theirs is forgotten. */
  async commit(): Promise<boolean> {
    const lane = this.#lane;
    try {
      await lane.commit();
      return true;
    } catch (error) {
      const { failed } = lane.work;
      if (!(error instanceof PieceFailed) || failed === undefined) throw error;
      const { reached } = lane;
      const events = lane.forget();
      const index = events.indexOf(failed.event);
      await this.#redo(events.slice(0, index));
      await this.#alone(failed.event, [failed]);
      await this.#redo(events.slice(index + 1));
      // Behind the last event it was known that there is nothing up to there.
      if (reached !== null) lane.cover(reached);
      if (lane.reached !== lane.committed) await lane.commit();
      return false;
    }
  }

  /** Does one event in a commit of its own. Errors: {@link HandlingFailed}, those of the store. */
  takeAlone(event: PreparedEvent<C>): Promise<void> {
    return this.#alone(event);
  }

  /** Parks an event without trying it, or stops where that is wanted. Errors: {@link HandlingFailed}. */
  async giveUp(event: PreparedEvent<C>, { attempts, error }: { readonly attempts: number; readonly error: Error }): Promise<void> {
    const lane = this.#lane;
    const { position, recorded } = event;
    if (lane.setting.policy.stops) throw new HandlingFailed(position, recorded.type, error);
    const parked = new Map(keysOf(event).map((key) => [key, { attempts, error: errorText(error) }]));
    for (const key of parked.keys()) this.#tell(event, { key, error, attempts, isParked: true });
    this.#park(event, parked);
    lane.freeTasks(event);
    await this.#passBy(event);
    this.#block(parked);
  }

  async #redo(events: readonly PreparedEvent<C>[]): Promise<void> {
    for (const event of events) await this.#takeOne(event);
    await this.commit();
  }

  #takeOne(event: PreparedEvent<C>): Promise<void> | undefined {
    const lane = this.#lane;
    if (event.unreadable !== undefined || lane.entries.hasFailed(event.position)) return this.#alone(event);
    const tasks = lane.freeTasks(event);
    // Also one that only waits: where the commit fails, it is to wait again.
    const failures = lane.work.take(event, tasks);
    if (failures.length > 0) return this.#failedAmongOthers(event, tasks, failures);
    lane.did(event, tasks.length);
    return undefined;
  }

  async #failedAmongOthers(event: PreparedEvent<C>, tasks: readonly Task<C>[], failures: readonly TaskFailure[]): Promise<void> {
    try {
      await this.#lane.work.undo(event, tasks);
    } catch (error) {
      // What went well before fails now: which one is to blame is found out piece by piece.
      throw error instanceof ReactiveDomainError && error.retryable ? error : new PieceFailed(error);
    }
    await this.commit();
    await this.#alone(event, failures);
  }

  /** Does one event, in a commit of its own, as often as it may fail. It may have failed among others. */
  async #alone(event: PreparedEvent<C>, failed: readonly TaskFailure[] = []): Promise<void> {
    const lane = this.#lane;
    if (lane.hasDone) await this.commit();
    const parked = new Map<string, ParkedTask>();
    if (failed.length > 0) await this.#note(event, failed, parked);
    for (;;) {
      const tasks = lane.freeTasks(event).filter(({ key }) => !parked.has(key));
      this.#park(event, parked);
      const isGivenUp = event.unreadable !== undefined && parked.size > 0;
      const failures = isGivenUp ? [] : await this.#attempt(event, { tasks, settle: () => this.#settle(event, tasks) });
      if (failures.length === 0) {
        if (isGivenUp) await this.#passBy(event);
        this.#block(parked);
        return;
      }
      await this.#note(event, failures, parked);
    }
  }

  /** Does tasks of one event and commits them; or tells what failed, and has done nothing. */
  async #attempt(event: PreparedEvent<C>, { tasks, settle }: Attempt<C>): Promise<readonly TaskFailure[]> {
    const lane = this.#lane;
    if (event.unreadable !== undefined) return [{ key: keyOfUnreadable(event), error: event.unreadable.error }];
    await lane.work.load([event]);
    const failures = lane.work.take(event, tasks);
    if (failures.length > 0) {
      lane.forget();
      return failures;
    }
    settle();
    lane.did(event, tasks.length);
    try {
      await lane.commit();
      return [];
    } catch (error) {
      if (!(error instanceof PieceFailed)) throw error;
      const { failed } = lane.work;
      lane.forget();
      return failed === undefined ? keysOf({ ...event, tasks }).map((key) => ({ key, error: error.cause })) : [failed];
    }
  }

  /** Writes down what failed, and waits until it may be tried again; those that failed as often as they may are to be parked. */
  async #note(event: PreparedEvent<C>, failures: readonly TaskFailure[], parked: Map<string, ParkedTask>): Promise<void> {
    const { policy, runtime, signal } = this.#lane.setting;
    const { position, recorded } = event;
    let longest = 0;
    for (const { key, error } of failures) {
      const attempts = this.#lane.entries.attemptsOf({ position, key }) + 1;
      const isLast = attempts >= policy.backoff.attempts;
      this.#tell(event, { key, error, attempts, isParked: isLast && !policy.stops });
      if (!isLast || policy.stops) this.#lane.entries.put({ position, key, state: "failing", attempts, error: errorText(error), size: 1 });
      if (!isLast) longest = Math.max(longest, attempts);
      else if (!policy.stops) parked.set(key, { attempts, error: errorText(error) });
      else {
        await this.#lane.send([], 0);
        throw new HandlingFailed(position, recorded.type, error);
      }
    }
    await this.#lane.send([], 0);
    if (longest > 0) await sleep(policy.backoff.delayMs(longest), { runtime, signal });
  }

  #tell({ position, recorded }: PreparedEvent<C>, failure: Pick<EventFailure, "key" | "error" | "attempts" | "isParked">): void {
    const { failed, guard } = this.#lane.setting;
    failed({ projection: guard.projection, position, type: recorded.type, stream: recorded.stream, ...failure });
  }

  #settle({ position }: PreparedEvent<C>, tasks: readonly Task<C>[]): void {
    const { entries } = this.#lane;
    for (const { key } of tasks) if (entries.attemptsOf({ position, key }) > 0) entries.settle({ position, key });
  }

  #park({ position }: PreparedEvent<C>, parked: ReadonlyMap<string, ParkedTask>): void {
    for (const [key, { attempts, error }] of parked) this.#lane.entries.put({ position, key, state: "parked", attempts, error, size: 1 });
  }

  async #passBy(event: PreparedEvent<C>): Promise<void> {
    this.#lane.did(event, 0);
    await this.#lane.commit();
  }

  #block(parked: ReadonlyMap<string, ParkedTask>): void {
    const { entries, setting } = this.#lane;
    if (setting.policy.waitsBehindParked) for (const key of parked.keys()) entries.blocked.add(key);
  }
}

interface ParkedTask {
  readonly attempts: number;
  readonly error: string;
}

interface Attempt<C> {
  readonly tasks: readonly Task<C>[];
  readonly settle: () => void;
}

function keysOf<C>({ tasks, unreadable, recorded }: PreparedEvent<C>): readonly string[] {
  return unreadable === undefined ? [...new Set(tasks.map(({ key }) => key))] : [recorded.stream];
}
