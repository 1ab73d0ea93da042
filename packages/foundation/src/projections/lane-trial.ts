import type { ProjectionEntry } from "@reactive-domain/persistence";
import type { Lane } from "./lane.ts";
import type { LaneHandling } from "./lane-handling.ts";
import { trialKey } from "./lane-entries.ts";
import type { PreparedEvent } from "./task.ts";

/** How many events a worker may have had in hand when it went away. */
const MAX_SUSPECTS = 200_000;
/** Into how many pieces suspects are divided. */
const PIECES = 8;

/**
 * Goes through events of which one may end the process, or spoil the commit of the others: the first alone, then piece by piece. Each piece is written down before it is tried, so
 * that it is known where it went wrong last; what is left of one that did is divided further, until it is one event, which is parked when it was tried as often as it may be.
 */
export class LaneTrial<C> {
  readonly #lane: Lane<C>;
  readonly #handling: LaneHandling<C>;
  #left: number;
  #piece: number;
  /** How often the first piece was tried, and how large it was. */
  #last: Pick<ProjectionEntry, "position" | "attempts" | "size"> | undefined;
  #isFirst = true;

  constructor(lane: Lane<C>, handling: LaneHandling<C>) {
    this.#lane = lane;
    this.#handling = handling;
    this.#last = lane.entries.trial;
    this.#left = this.#last?.size ?? MAX_SUSPECTS;
    this.#piece = Math.max(1, Math.ceil(this.#left / PIECES));
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Takes events as long as there are suspects, and answers those that are left over. */
  async take(events: readonly PreparedEvent<C>[]): Promise<readonly PreparedEvent<C>[]> {
    let rest = events;
    while (rest.length > 0 && !this.isOver) {
      const size = this.#isFirst ? 1 : Math.min(this.#piece, rest.length);
      await this.#try(rest.slice(0, size));
      rest = rest.slice(size);
      this.#left -= size;
      this.#isFirst = false;
    }
    return rest;
  }

  async #try(piece: readonly PreparedEvent<C>[]): Promise<void> {
    const [first] = piece;
    if (first === undefined) return;
    const { entries, setting } = this.#lane;
    const isAgain = piece.length === 1 && this.#last?.position === first.position;
    const attempts = isAgain ? (this.#last?.attempts ?? 0) + 1 : 1;
    const trial = { position: first.position, key: trialKey(this.#lane.lane) };
    if (this.#last !== undefined && this.#last.position !== first.position) entries.settle({ ...trial, position: this.#last.position });
    this.#last = undefined;
    if (attempts > setting.policy.backoff.attempts && piece.length === 1) return this.#giveUp(first, attempts - 1);
    entries.put({ ...trial, state: "trial", attempts, error: "in hand", size: piece.length });
    await this.#lane.send([], 0);
    // One event by itself is to blame for whatever fails.
    if (piece.length === 1) await this.#handling.takeAlone(first);
    else await this.#handling.take(piece);
    entries.settle(trial);
    if (await this.#handling.commit()) return;
    entries.settle(trial);
    await this.#lane.send([], 0);
  }

  /** One event that its workers never came back from. */
  async #giveUp(event: PreparedEvent<C>, attempts: number): Promise<void> {
    const error = new Error(`Its worker went away with it ${attempts} times.`);
    this.#lane.entries.settle({ position: event.position, key: trialKey(this.#lane.lane) });
    await this.#handling.giveUp(event, { attempts, error });
  }
}
