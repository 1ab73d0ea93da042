import { isThenable } from "@reactive-domain/messaging";
import type { ProjectionCommit, TableNamer } from "@reactive-domain/persistence";
import type { LaneWork, TaskFailure } from "./lane-work.ts";
import type { TablePlace } from "./table-place.ts";
import type { PreparedEvent, Task } from "./task.ts";

/** How many events are handled in one transaction at most. */
const MAX_EVENTS = 1_000;

interface Taken<C> {
  readonly event: PreparedEvent<C>;
  readonly tasks: readonly Task<C>[];
}

/** Events whose handlers run in the transaction that commits them. */
export class TableWork<C> implements LaneWork<C> {
  readonly #maxEvents: number;
  #taken: Taken<C>[] = [];
  #failed: LaneWork<C>["failed"];

  constructor(maxEvents: number = MAX_EVENTS) {
    this.#maxEvents = maxEvents;
  }

  get isFull(): boolean {
    return this.#taken.length >= this.#maxEvents;
  }

  get failed(): LaneWork<C>["failed"] {
    return this.#failed;
  }

  /** The handlers look into their tables themselves. */
  isLoaded(): boolean {
    return true;
  }

  async load(): Promise<void> {
    // There is nothing to get.
  }

  take(event: PreparedEvent<C>, tasks: readonly Task<C>[]): readonly TaskFailure[] {
    this.#taken.push({ event, tasks });
    return [];
  }

  async undo(event: PreparedEvent<C>): Promise<void> {
    this.#taken = this.#taken.filter((taken) => taken.event !== event);
  }

  part(): Pick<ProjectionCommit<C>, "work"> {
    if (this.#taken.every(({ tasks }) => tasks.length === 0)) return {};
    return { work: (connection, table) => this.#run(connection, table) };
  }

  committed(): void {
    this.#taken = [];
    this.#failed = undefined;
  }

  discard(): readonly PreparedEvent<C>[] {
    const events = this.#taken.map(({ event }) => event);
    this.committed();
    return events;
  }

  /** At once where no handler waits. */
  #run(connection: C, table: TableNamer): void | Promise<void> {
    this.#failed = undefined;
    return this.#runFrom(0, { connection, table });
  }

  #runFrom(index: number, place: TablePlace<C>): void | Promise<void> {
    for (let next = index; next < this.#taken.length; next++) {
      const { event, tasks } = this.#taken[next] as Taken<C>;
      const waiting = this.#runTasks(event, tasks, place);
      if (waiting !== undefined) return this.#goOn(waiting, next + 1, place);
    }
    return undefined;
  }

  async #goOn(waiting: Promise<void>, next: number, place: TablePlace<C>): Promise<void> {
    await waiting;
    await this.#runFrom(next, place);
  }

  #runTasks(event: PreparedEvent<C>, tasks: readonly Task<C>[], place: TablePlace<C>): Promise<void> | undefined {
    for (const [index, task] of tasks.entries()) {
      if (task.kind !== "tables") continue;
      try {
        const waiting = task.run(place);
        if (isThenable(waiting)) return this.#await(waiting, { event, tasks: tasks.slice(index), place });
      } catch (error) {
        this.#failed = { event, key: task.key, error };
        throw error;
      }
    }
    return undefined;
  }

  /** Waits for the first of some tasks, and does the others. */
  async #await(waiting: PromiseLike<unknown>, { event, tasks, place }: Taken<C> & { readonly place: TablePlace<C> }): Promise<void> {
    try {
      await waiting;
    } catch (error) {
      this.#failed = { event, key: tasks[0]?.key ?? event.recorded.stream, error };
      throw error;
    }
    await this.#runTasks(event, tasks.slice(1), place);
  }
}
