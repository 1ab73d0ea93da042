import type { CallOptions } from "@reactive-domain/persistence";

/** How one worker is, with one feed where it has several. */
export interface WorkerReport {
  readonly kind: "read-model" | "listener" | "projection" | "group";
  /** Of the projection, the group, the model or listener. */
  readonly name: string;
  /** The feed of a model or listener; `null` for others. */
  readonly feed: string | null;
  readonly status: "not-started" | "standby" | "catching-up" | "live" | "interrupted" | "paused" | "stopped" | "ended" | "closed";
  /** Everything up to here is handled. */
  readonly position: number | null;
  /** `null` where it could not be asked. */
  readonly lag: { readonly events: number; readonly ms: number } | null;
  readonly progressAgeMs: number | null;
  readonly parked: number;
  /** Events under retry now. */
  readonly failing: number;
  readonly error: Error | undefined;
}

/** What a health looks at. */
export interface Reporting {
  report(options?: CallOptions): Promise<readonly WorkerReport[]>;
}
