import { AlreadyClosed, type Position, type Runtime } from "@reactive-domain/core";
import {
  after,
  AheadOfLog,
  type Fence,
  type GenerationRecord,
  type ProjectionStore,
  type RecordedEvent,
} from "@reactive-domain/persistence";
import { filterOf, follow, leave, type EventFeed } from "../listeners/event-feed.ts";
import { headOf } from "../listeners/lag.ts";
import { DocumentWork } from "./document-work.ts";
import type { FailurePolicy } from "./failure-policy.ts";
import { Lane, type LaneSetting } from "./lane.ts";
import { entriesOf, LaneEntries } from "./lane-entries.ts";
import { LaneHandling } from "./lane-handling.ts";
import { laneOf } from "./lane-of.ts";
import type { LaneWork } from "./lane-work.ts";
import { LaneQueue, type LaneBatch } from "./lane-queue.ts";
import { replayLane } from "./lane-replay.ts";
import { LaneTrial } from "./lane-trial.ts";
import { Preparation } from "./preparation.ts";
import type { Projection } from "./projection.ts";
import { TableWork } from "./table-work.ts";
import type { PreparedEvent } from "./task.ts";

/** What a run of a generation is given. */
export interface RunSetting<C> {
  readonly projection: Projection<C>;
  readonly feed: EventFeed;
  readonly store: ProjectionStore<C>;
  readonly generation: GenerationRecord;
  readonly revision: number;
  readonly fence: Fence;
  readonly policy: FailurePolicy;
  readonly runtime: Runtime;
  /** Whether somebody went away with events of it, or a commit failed and it is not known why. */
  readonly isSuspect: boolean;
  readonly maxCommitMs: number;
  /** Behind which place of each lane nothing is done; nothing: all is done that comes. */
  readonly limits: readonly (Position | null)[] | undefined;
  readonly committed: LaneSetting<C>["committed"];
  readonly failed: LaneSetting<C>["failed"];
  /** Told whenever something is handled. */
  readonly progressed: (progress: RunProgress) => void;
}

/** How far a run is. */
export interface RunProgress {
  /** Everything up to here is committed, or is nothing of the projection's; `null` before anything is. */
  readonly upTo: Position | null;
  /** How many events were committed since the run began. */
  readonly handled: number;
  /** Whether all of the history is. */
  readonly isLive: boolean;
}

interface LaneParts<C> {
  readonly lane: Lane<C>;
  readonly handling: LaneHandling<C>;
  readonly queue: LaneQueue<C>;
  trial: LaneTrial<C> | undefined;
  /** Up to where it is told that everything is done. */
  upTo: Position | null;
  isLive: boolean;
}

/** The work on a generation from one reading of its record to the next: reads the feed once, and hands events to its lanes. */
export class GenerationRun<C> {
  readonly #setting: RunSetting<C>;
  readonly #preparation: Preparation<C>;
  readonly #ending = new AbortController();
  #lanes: readonly LaneParts<C>[] = [];

  constructor(setting: RunSetting<C>) {
    this.#setting = setting;
    this.#preparation = new Preparation(setting.projection, setting.feed);
  }

  /** Works until it is ended. Errors: the reason of its end, what has failed. */
  async run(): Promise<void> {
    try {
      await this.#open();
      const pumping = this.#pump().then(() => this.#feedEnded());
      const all = [pumping, ...this.#lanes.map((parts) => this.#work(parts))];
      // Whoever fails ends the others.
      for (const one of all) one.catch((error: Error) => this.end(error));
      await Promise.allSettled(all);
    } catch (error) {
      this.end(error as Error);
    }
    throw this.#ending.signal.reason;
  }

  /** For how long a lane has waited for one commit, with the handlers in it. */
  get waitsMs(): number {
    return Math.max(0, ...this.#lanes.map(({ lane }) => lane.waitsMs));
  }

  /** Ends it: what has been done is committed, and nothing more is begun. */
  end(reason: Error): void {
    this.#ending.abort(reason);
    for (const { queue } of this.#lanes) queue.end();
  }

  /** A feed that ends has nothing more to do; whoever wanted it ends the run. */
  #feedEnded(): void {
    const { feed, projection } = this.#setting;
    if (feed.ends !== true) this.end(new AlreadyClosed(`The feed of projection ${projection.name}`));
  }

  async #open(): Promise<void> {
    const { generation, store, projection, fence, revision, policy, runtime, committed, failed, maxCommitMs, isSuspect } = this.#setting;
    const lanes = generation.lanes.length;
    const guard = { projection: projection.name, generation: generation.generation, fence, revision };
    const setting = { store, guard, policy, runtime, committed, failed, maxCommitMs, signal: this.#ending.signal };
    this.#lanes = generation.lanes.map((place, index) => {
      const lane = new Lane<C>(setting, { lane: index, committed: place, work: this.#workOf(index, place), entries: new LaneEntries() });
      return { lane, handling: new LaneHandling(lane), queue: new LaneQueue<C>(), trial: undefined, upTo: place, isLive: false };
    });
    await this.#refuseAhead();
    for (const parts of this.#lanes) await this.#openLane(parts, { lanes, isSuspect });
  }

  #workOf(lane: number, place: Position | null): LaneWork<C> {
    const { generation, store, projection } = this.#setting;
    if (projection.shape.kind === "tables") return new TableWork<C>();
    const ref = { projection: projection.name, generation: generation.generation };
    const isEmpty = place === null && generation.handled === 0;
    return new DocumentWork<C>(store, ref, { shape: projection.shape.shape, isEmpty, again: (before) => this.#again(lane, before) });
  }

  /** What a lane has done since its last commit, before an event. */
  async *#again(lane: number, { position }: PreparedEvent<C>): AsyncGenerator<PreparedEvent<C>> {
    const { feed } = this.#setting;
    const committed = this.#lanes[lane]?.lane.committed ?? null;
    const from = committed === null ? ("start" as const) : after(committed);
    for await (const recorded of feed.store.read(feed.source, { ...filterOf(feed), from })) {
      if (recorded.position >= position) return;
      yield await this.#preparation.prepare(recorded);
    }
  }

  async #openLane(parts: LaneParts<C>, { lanes, isSuspect }: { readonly lanes: number; readonly isSuspect: boolean }): Promise<void> {
    const { lane } = parts;
    const { store, guard } = lane.setting;
    for (const entry of await entriesOf(store, guard, { states: ["failing", "trial"], lane: lane.lane, lanes }))
      if (entry.state === "failing") lane.entries.know(entry);
      else lane.entries.trial = entry;
    await replayLane({ lane, lanes, feed: this.#setting.feed, preparation: this.#preparation });
    if (isSuspect || lane.entries.trial !== undefined) parts.trial = new LaneTrial(lane, parts.handling);
  }

  /** A checkpoint that the log has not come to belongs to another log, or to one that lost its end. */
  async #refuseAhead(): Promise<void> {
    const { feed, projection } = this.#setting;
    const furthest = Math.max(-1, ...this.#lanes.map(({ lane }) => lane.committed ?? -1));
    if (furthest < 0) return;
    const head = await headOf(feed.store, { signal: this.#ending.signal });
    if (furthest > (head ?? -1)) throw new AheadOfLog(`Projection ${projection.name}`, furthest, head);
  }

  /** Reads, and hands out. */
  async #pump(): Promise<void> {
    const { feed } = this.#setting;
    const places = this.#lanes.map(({ lane }) => lane.committed);
    const from = places.includes(null) ? "start" : after(Math.min(...(places as readonly Position[])) as Position);
    const messages = follow(feed, { from, signal: this.#ending.signal });
    try {
      for (let step = await messages.next(); step.done !== true; step = await messages.next()) {
        const { value } = step;
        const events = value.kind === "events" ? await this.#prepare(value.events) : [];
        await this.#handOut({ events, upTo: value.upTo, isLive: value.kind === "live" });
      }
    } finally {
      await leave(messages);
    }
  }

  async #prepare(recorded: readonly RecordedEvent[]): Promise<readonly PreparedEvent<C>[]> {
    const events: PreparedEvent<C>[] = [];
    for (const one of recorded) {
      const made = this.#preparation.prepare(one);
      events.push(made instanceof Promise ? await made : made);
    }
    return events;
  }

  async #handOut(batch: LaneBatch<C>): Promise<void> {
    const [only] = this.#lanes;
    if (this.#lanes.length === 1 && only !== undefined && this.#setting.limits === undefined) return only.queue.add(batch);
    await Promise.all(this.#lanes.map(({ lane, queue }) => queue.add({ ...batch, events: this.#partOf(batch.events, lane) })));
  }

  /** What of some events belongs to a lane that has not done it. */
  #partOf(events: readonly PreparedEvent<C>[], { lane, committed }: Lane<C>): readonly PreparedEvent<C>[] {
    const lanes = this.#lanes.length;
    const limit = this.#limitOf(lane);
    const part: PreparedEvent<C>[] = [];
    for (const event of events) {
      if (event.position <= (committed ?? -1) || event.position > limit) continue;
      const isOwn = event.unreadable !== undefined && laneOf(event.recorded.stream, lanes) === lane;
      const tasks = event.tasks.filter(({ key }) => laneOf(key, lanes) === lane);
      if (isOwn || tasks.length > 0) part.push({ ...event, tasks });
    }
    return part;
  }

  #limitOf(lane: number): number {
    const { limits } = this.#setting;
    return limits === undefined ? Number.POSITIVE_INFINITY : (limits[lane] ?? -1);
  }

  async #work(parts: LaneParts<C>): Promise<void> {
    const { lane, handling, queue } = parts;
    for (;;) {
      const batches = await queue.takeAll();
      if (batches === undefined) break;
      for (const batch of batches) await this.#take(parts, batch);
      if (parts.isLive && queue.isEmpty && lane.hasDone) await handling.commit();
      this.#tell(parts);
    }
    if (lane.hasDone || lane.reached !== lane.committed) await handling.commit();
  }

  async #take(parts: LaneParts<C>, { events, upTo, isLive }: LaneBatch<C>): Promise<void> {
    const { lane, handling } = parts;
    const rest = parts.trial === undefined ? events : await parts.trial.take(events);
    if (parts.trial?.isOver === true || isLive) parts.trial = undefined;
    await handling.take(rest);
    if (upTo !== null && this.#limitOf(lane.lane) >= 0) lane.cover(Math.min(upTo, this.#limitOf(lane.lane)) as Position);
    // Committed first: another lane may tell meanwhile that all of them are there.
    if (isLive) await handling.commit();
    parts.isLive ||= isLive;
    this.#tell(parts);
  }

  /** Tells how far all lanes are: what is done and not committed is not there yet. */
  #tell(parts: LaneParts<C>): void {
    parts.upTo = parts.lane.hasDone ? parts.lane.committed : parts.lane.reached;
    const places = this.#lanes.map(({ upTo }) => upTo);
    const upTo = places.includes(null) ? null : (Math.min(...(places as readonly Position[])) as Position);
    const handled = this.#lanes.reduce((sum, { lane }) => sum + lane.handledInAll, 0);
    this.#setting.progressed({ upTo, handled, isLive: this.#lanes.every(({ isLive }) => isLive) });
  }
}
