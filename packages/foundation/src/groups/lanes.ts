import type { Held } from "./held.ts";

/** Deliveries of one key, which go one after another. */
export class Lane {
  #waiting: Held[] = [];
  /** What became of the one before, on its way to the store. */
  settling: Promise<unknown> | undefined;

  add(held: Held): void {
    this.#waiting.push(held);
  }

  take(): Held | undefined {
    return this.#waiting.shift();
  }

  /** Takes all that wait. */
  takeAll(): readonly Held[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}

/** Does the work on one delivery. It must not throw. */
export type LaneWork = (held: Held, lane: Lane) => Promise<void>;

/** Works on deliveries, so many at a time, those of one key one after another. */
export class Lanes {
  readonly #maxInFlight: number;
  readonly #work: LaneWork;
  readonly #byKey = new Map<string, Lane>();
  readonly #ready = new Set<Lane>();
  readonly #lanes = new Map<Lane, string | undefined>();
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(maxInFlight: number, work: LaneWork) {
    this.#maxInFlight = maxInFlight;
    this.#work = work;
  }

  get running(): number {
    return this.#running;
  }

  add(held: Held): void {
    this.#laneOf(held.key).add(held);
    this.#begin();
  }

  /** Takes all that was not begun. */
  takeWaiting(): readonly Held[] {
    return [...this.#lanes.keys()].flatMap((lane) => lane.takeAll());
  }

  /** Resolves when nothing is at work or waits. */
  idle(): Promise<void> {
    if (this.#lanes.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #laneOf(key: string | undefined): Lane {
    const known = key === undefined ? undefined : this.#byKey.get(key);
    if (known !== undefined) return known;
    const lane = new Lane();
    if (key !== undefined) this.#byKey.set(key, lane);
    this.#lanes.set(lane, key);
    this.#ready.add(lane);
    return lane;
  }

  #begin(): void {
    for (const lane of this.#ready) {
      if (this.#running >= this.#maxInFlight) return;
      this.#ready.delete(lane);
      this.#running++;
      void this.#run(lane);
    }
  }

  async #run(lane: Lane): Promise<void> {
    for (let held = lane.take(); held !== undefined; held = lane.take()) await this.#work(held, lane);
    this.#running--;
    const key = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    if (key !== undefined) this.#byKey.delete(key);
    this.#begin();
    if (this.#lanes.size === 0) this.#onIdle?.();
  }
}
