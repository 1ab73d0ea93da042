import type { Position } from "@reactive-domain/core";

/**
 * `not-started`; `standby` while another worker has it; `catching-up` on its history; `live`; `interrupted` by the store or by what keeps it, and about to go on; `paused`;
 * `stopped` for good, with an error; `closed`.
 */
export type ProjectionStatus = "not-started" | "standby" | "catching-up" | "live" | "interrupted" | "paused" | "stopped" | "closed";

/** How a projection is, as its worker in this process knows. */
export interface ProjectionHealth {
  readonly projection: string;
  readonly status: ProjectionStatus;
  /** Everything up to here is committed by this worker, or is nothing of the projection's; `null` before anything is. */
  readonly position: Position | null;
  /** How many events this worker has committed. */
  readonly handled: number;
  /** How many milliseconds ago it came further, or found that there was nothing; `null` before. */
  readonly progressAgeMs: number | null;
  /** Who has the generation, while this one stands by. */
  readonly heldBy: string | undefined;
  /** How often it was interrupted. */
  readonly interruptions: number;
  /** Why it stopped or was interrupted last; `undefined` once it goes on. */
  readonly error: Error | undefined;
}
