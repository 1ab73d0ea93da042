import type { CallOptions } from "@reactive-domain/persistence";

/** How one that works on events is: a read model or a listener on one feed, a projection, a group. */
export interface WorkerReport {
  readonly kind: "read-model" | "listener" | "projection" | "group";
  /** Of the projection, the group, the model or the listener. */
  readonly name: string;
  /** The feed of a model or a listener; `null` for others. */
  readonly feed: string | null;
  readonly status: "not-started" | "standby" | "catching-up" | "live" | "interrupted" | "paused" | "stopped" | "ended" | "closed";
  /** Everything up to here is handled; `null` before anything is. */
  readonly position: number | null;
  /** What is committed and not handled, in events and in milliseconds since the oldest was committed; `null` where it could not be asked. */
  readonly lag: { readonly events: number; readonly ms: number } | null;
  /** How many milliseconds ago something was handled last; `null` before anything was. */
  readonly progressAgeMs: number | null;
  /** How many events are parked. */
  readonly parked: number;
  /** How many events are under retry now. */
  readonly failing: number;
  /** Why it stopped, or fails; `undefined` where all is well. */
  readonly error: Error | undefined;
}

/** What a health looks at. */
export interface Reporting {
  /** How its workers are. Errors: the signal's reason, those of the store. */
  report(options?: CallOptions): Promise<readonly WorkerReport[]>;
}
