import {
  after,
  position,
  type EventFeed,
  type FeedFaulted,
  type From,
  type ReadModelSnapshot,
  type SharedFeed,
} from "@reactive-domain/foundation";
import { Recorder, tagged, type Entry } from "./recorder.ts";
import type { Behaviour, FeedName } from "./steps.ts";

/** What a feed is to deliver. */
export interface Following {
  readonly name: FeedName;
  /** Nothing up to here. */
  readonly behind: number;
  /** From here on everything: a start at the end may let more through. */
  readonly sureFrom: number;
}

/** What a feed had delivered when the model said that it was live. */
export interface LiveMoment {
  readonly name: FeedName;
  /** Where the log ended when it was started. */
  readonly head: number;
  /** `undefined` while it is not. */
  entries: number | undefined;
}

export interface RunOptions {
  readonly behaviour: Behaviour;
  readonly from: "start" | "end" | "after";
  /** Where the log ends. */
  readonly head: () => Promise<number>;
  readonly resume: { readonly minDelayMs: number; readonly maxDelayMs: number };
}

/** One read model, from its start to its end. */
export class Run {
  readonly model: Recorder;
  readonly faults: FeedFaulted[] = [];
  /** Why feeds could not be started. */
  readonly refusals: unknown[] = [];
  readonly liveMoments: LiveMoment[] = [];
  /** What has to settle in the end. */
  readonly settling: Promise<unknown>[] = [];
  readonly #options: RunOptions;
  readonly #origin: Run | undefined;
  #followings: readonly Following[] = [];
  /** Whether all its feeds are started. */
  isStarted = false;
  /** Whether it is to be closed, or a feed could not be started. */
  isGivenUp = false;

  constructor(options: RunOptions, origin?: Run) {
    this.#options = options;
    this.#origin = origin;
    this.model = new Recorder(options.behaviour);
  }

  get followings(): readonly Following[] {
    return this.#origin === undefined ? this.#followings : this.#origin.followings;
  }

  /** Whether a snapshot tells where each feed goes on. One that began at the end of the log, and was told of nothing yet, does not. */
  get canBeRestored(): boolean {
    const isTold = this.followings.every(({ name, behind }) => behind < 0 || this.entriesOf(name).length > 0);
    return this.isStarted && !this.isGivenUp && isTold;
  }

  /** Whether a feed is still to come up to a position. */
  isUnderWay(head: number): boolean {
    return this.model.health.some(
      ({ status, handledUpTo }) => status !== "faulted" && status !== "closed" && (status !== "live" || (handledUpTo ?? -1) < head),
    );
  }

  async start(feeds: readonly (readonly [FeedName, EventFeed])[]): Promise<void> {
    for (const [name, feed] of feeds) await this.#startOn(name, tagged(name, feed));
    this.isStarted = true;
  }

  /** Takes part in a shared feed, which {@link takeShared} waits for. */
  attachTo(shared: SharedFeed): void {
    const { resume } = this.#options;
    shared.attach(this.model, { resume, onFault: (fault) => this.faults.push(fault) });
  }

  async takeShared(name: FeedName, head: number, starting: Promise<void>): Promise<void> {
    await this.#follow(name, head, starting);
    this.isStarted = true;
  }

  /** A new model that goes on from a snapshot of this one. */
  restored(snapshot: ReadModelSnapshot): Run {
    const run = new Run({ ...this.#options, from: "start" }, this);
    run.model.restore(snapshot);
    return run;
  }

  entriesOf(feed: FeedName): readonly Entry[] {
    return this.model.entries.filter((entry) => entry.feed === feed);
  }

  async close(): Promise<void> {
    this.isGivenUp = true;
    await this.model.close();
    this.model.isClosed = true;
  }

  async #startOn(name: FeedName, feed: EventFeed): Promise<void> {
    const { head, resume } = this.#options;
    const before = await head();
    const place = this.#placeAt(before);
    const onFault = (fault: FeedFaulted): unknown => this.faults.push(fault);
    await this.#follow(name, before, this.model.start(feed, { ...(place === undefined ? {} : { from: place }), resume, onFault }));
  }

  async #follow(name: FeedName, before: number, starting: Promise<void>): Promise<void> {
    const { head, from } = this.#options;
    const moment: LiveMoment = { name, head: before, entries: undefined };
    const noteLive = (): void => {
      moment.entries = this.entriesOf(name).length;
    };
    this.settling.push(this.model.live.then(noteLive, ignored));
    try {
      await starting;
      this.liveMoments.push(moment);
    } catch (error) {
      this.isGivenUp = true;
      this.refusals.push(error);
    }
    const behind = from === "start" ? -1 : before;
    const sureFrom = from === "end" ? (await head()) + 1 : behind + 1;
    this.#followings = [...this.#followings, { name, behind, sureFrom }];
  }

  #placeAt(head: number): From | undefined {
    const { from } = this.#options;
    if (from === "end") return "end";
    // Behind the end of an empty log is everything that is written from then on.
    return from === "start" || head < 0 ? undefined : after(position(head));
  }
}

const ignored = (): void => undefined;
