/** Where a message is on its way through a queue. `outside`: its sender waits for room. */
export type EntryState = "new" | "outside" | "waiting" | "running" | "handled" | "failed" | "given-up";

/** What has a place among others in a lane. */
export interface Laned {
  /** 0 is the most urgent. */
  readonly lane: number;
  readonly state: EntryState;
  /** When it was accepted. */
  readonly queuedAtMs: number;
}
