import type { ProjectionCommit } from "@reactive-domain/persistence";
import type { PreparedEvent, Task } from "./task.ts";

/** Why what was to be done under a key was not. */
export interface TaskFailure {
  readonly key: string;
  readonly error: unknown;
}

/** What a lane has done and not committed. */
export interface LaneWork<C> {
  /** Whether what tasks need is there. */
  isLoaded(tasks: readonly Task<C>[]): boolean;
  /** Gets what the tasks of events need. */
  load(events: readonly PreparedEvent<C>[]): Promise<void>;
  /** Does the tasks of an event, or keeps them for the commit. Where some fail, nothing of the event is done: {@link undo} it. */
  take(event: PreparedEvent<C>, tasks: readonly Task<C>[]): readonly TaskFailure[];
  /** Forgets what was done of the tasks of an event of which some failed. Errors: those of tasks that were done before, and fail now. */
  undo(event: PreparedEvent<C>, tasks: readonly Task<C>[]): Promise<void>;
  /** Whether there is enough to be committed. */
  readonly isFull: boolean;
  /** What of it goes into a commit. */
  part(): Pick<ProjectionCommit<C>, "documents" | "work">;
  /** The event whose tasks failed within the commit, where it is known. */
  readonly failed: (TaskFailure & { readonly event: PreparedEvent<C> }) | undefined;
  /** What was taken is committed. */
  committed(): void;
  /** Forgets all that was taken, and answers of which events it was, where they are kept. */
  discard(): readonly PreparedEvent<C>[];
}
