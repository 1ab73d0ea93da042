import type { Clock, Position } from "@reactive-domain/core";
import type { RunProgress } from "./generation-run.ts";
import type { ProjectionHealth, ProjectionStatus } from "./projection-status.ts";

/** How a worker is, over all its runs. */
export class WorkerState {
  status: ProjectionStatus = "not-started";
  /** Who has the generation, while this one stands by. */
  heldBy: string | undefined;
  error: Error | undefined;
  position: Position | null = null;
  readonly #clock: Clock;
  #handledBefore = 0;
  #handled = 0;
  #progressMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many events were committed in the present run. */
  get handled(): number {
    return this.#handled;
  }

  health(projection: string, interruptions: number): ProjectionHealth {
    const { status, position, heldBy, error } = this;
    const progressAgeMs = this.#progressMs === undefined ? null : this.#clock.monotonicMs() - this.#progressMs;
    return { projection, status, position, handled: this.#handledBefore + this.#handled, progressAgeMs, heldBy, interruptions, error };
  }

  progressed({ upTo, handled, isLive }: RunProgress): void {
    this.position = upTo;
    this.#handled = handled;
    this.#progressMs = this.#clock.monotonicMs();
    this.error = undefined;
    this.status = isLive ? "live" : "catching-up";
  }

  runEnded(): void {
    this.#handledBefore += this.#handled;
    this.#handled = 0;
  }

  become(status: ProjectionStatus, error?: Error): void {
    this.status = status;
    this.error = error;
  }
}
