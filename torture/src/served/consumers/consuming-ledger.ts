import type { Taking } from "./consumer-protocol.ts";
import type { GroupName } from "./fates.ts";
import type { Interruption } from "./interruptions.ts";

/** What a server told of a group: of all up to a place was known what became of it. */
export interface Checkpoint {
  readonly group: GroupName;
  readonly place: number;
  readonly atMs: number;
}

/** What consumers were given and did, and what happened to them meanwhile. */
export class ConsumingLedger {
  readonly takings: Taking[] = [];
  readonly interruptions: Interruption[] = [];
  /** Those that told something new. */
  readonly checkpoints: Checkpoint[] = [];
  /** Keys of parked events that have been replayed. */
  readonly replayed = new Set<string>();
  /** How often a process with consumers was killed. */
  kills = 0;
  /** How often parked events were replayed. */
  replays = 0;
  readonly #waiting = new Set<(taking: Taking) => void>();

  take(taking: Taking): void {
    this.takings.push(taking);
    for (const look of this.#waiting) look(taking);
  }

  check(checkpoint: Checkpoint): void {
    if (checkpoint.place > this.checkpointOf(checkpoint.group)) this.checkpoints.push(checkpoint);
  }

  checkpointOf(group: GroupName): number {
    return this.checkpoints.findLast((one) => one.group === group)?.place ?? -1;
  }

  /** Resolves when a consumer next does what is waited for, or after a time. */
  async next(isIt: (taking: Taking) => boolean, timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (taking: Taking): void => {
        if (isIt(taking)) end();
      };
      const timer = setTimeout(end, timeoutMs);
      this.#waiting.add(look);
    });
  }
}
