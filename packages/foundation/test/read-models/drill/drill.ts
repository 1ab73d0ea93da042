import { shareFeed, sleep, StoreUnavailable, yieldToLoop, type EventFeed, type EventStore } from "@reactive-domain/foundation";
import { createRepositoryFixture, type RepositoryFixture } from "@reactive-domain/testing";
import { Account, AccountOpened, AmountDeposited, banking, Notebook } from "../../banking.ts";
import { tagged } from "./recorder.ts";
import { Run } from "./run.ts";
import type { Behaviour, DropKind, FeedName, Step } from "./steps.ts";
import { problemsOf, type Logged } from "./verify.ts";

/** What a drill takes time for, beside what it does. */
export interface Pace {
  /** By what its times are divided. */
  readonly quicker: number;
  readonly resume: { readonly minDelayMs: number; readonly maxDelayMs: number };
}

/** What came of a drill: what was wrong, and how much happened. */
export interface DrillReport {
  readonly problems: readonly string[];
  readonly events: number;
  readonly dropped: number;
  readonly restored: number;
}

const ERRORS: Readonly<Record<DropKind, () => Error>> = {
  retryable: () => new StoreUnavailable("The store", "went away", { retryable: true }),
  foreign: () => new Error("ECONNRESET"),
  final: () => new StoreUnavailable("The store", "is gone", { retryable: false }),
};

/** Read models on a store to which everything happens that may happen to one. */
export class Drill {
  readonly #fixture: RepositoryFixture;
  readonly #store: EventStore;
  readonly #pace: Pace;
  readonly #runs: Run[] = [];
  readonly #pending: Promise<unknown>[] = [];
  readonly #problems: string[] = [];
  #restored = 0;
  #written = 0;

  constructor(store: EventStore, pace: Pace) {
    this.#store = store;
    this.#pace = pace;
    this.#fixture = createRepositoryFixture(banking, { store });
  }

  async run(steps: readonly Step[]): Promise<DrillReport> {
    for (const step of steps) {
      if (step.kind === "pause") await sleep(Math.round(step.ms / this.#pace.quicker));
      else this.#pending.push(this.#do(step));
      await yieldToLoop();
    }
    await Promise.all(this.#pending);
    this.#fixture.faults.heal();
    await Promise.all(this.#runs.map(({ model }) => model.caughtUp({ timeoutMs: 600_000 }).catch(() => undefined)));
    // Of a model that has stopped on one feed, the others go on.
    const head = await this.#head();
    for (let wait = 0; wait < 1_000 && this.#runs.some((run) => run.isUnderWay(head)); wait++) await sleep(this.#pace.resume.minDelayMs);
    const log = await this.#log();
    const problems = [
      ...this.#problems,
      ...this.#runs.flatMap((run, index) => problemsOf(run, log).map((one) => `model ${index}: ${one}`)),
    ];
    await Promise.all(this.#runs.map((run) => run.close()));
    await Promise.all(this.#runs.flatMap(({ settling }) => settling));
    return { problems, events: log.length, dropped: this.#fixture.faults.failed, restored: this.#restored };
  }

  async #do(step: Exclude<Step, { readonly kind: "pause" }>): Promise<void> {
    const { faults } = this.#fixture;
    switch (step.kind) {
      case "write":
        return this.#write(step.to, step.events);
      case "start":
        return this.#start(step);
      case "share":
        return this.#share(step);
      case "drop":
        return void faults.dropSubscriptions({ error: ERRORS[step.error]() });
      case "dropLater":
        return void faults.dropSubscriptions({ afterEvents: step.afterEvents, times: step.times, error: ERRORS[step.error]() });
      case "refuse":
        return faults.failSubscriptions({ times: step.times });
      case "failReads":
        return faults.failReads();
      default:
        return this.#act(step.kind, this.#runs[step.run % Math.max(1, this.#runs.length)]);
    }
  }

  async #act(kind: "restore" | "close" | "read", run: Run | undefined): Promise<void> {
    if (run === undefined) return;
    if (kind === "close") await run.close();
    else if (kind === "read") await this.#read(run);
    else await this.#restore(run);
  }

  async #write(to: string, count: number): Promise<void> {
    const kind = to.startsWith("n") ? Notebook : Account;
    const events = Array.from({ length: count }, () => {
      const amount = ++this.#written;
      return amount % 5 === 0 ? new AccountOpened({ accountId: to, owner: `${amount}` }) : new AmountDeposited({ accountId: to, amount });
    });
    await this.#fixture.given(kind, to, events);
  }

  async #start({ feeds, from, behaviour }: Extract<Step, { readonly kind: "start" }>): Promise<void> {
    // A place counts versions in a single stream, and positions elsewhere.
    const names = from === "after" ? feeds.filter((name) => name !== "a-1") : feeds;
    const { resume } = this.#pace;
    const run = new Run({ behaviour: this.#paced(behaviour), from, resume, head: () => this.#head() });
    this.#runs.push(run);
    await run.start(names.map((name) => [name, this.#feed(name)]));
  }

  async #share({ feed: name, behaviours }: Extract<Step, { readonly kind: "share" }>): Promise<void> {
    const { resume } = this.#pace;
    const shared = shareFeed(tagged(name, this.#feed(name)));
    const runs = behaviours.map(
      (behaviour) => new Run({ behaviour: this.#paced(behaviour), from: "start", resume, head: () => this.#head() }),
    );
    this.#runs.push(...runs);
    for (const run of runs) run.attachTo(shared);
    const head = await this.#head();
    const starting = shared.start({ resume });
    await Promise.all(runs.map((run) => run.takeShared(name, head, starting)));
  }

  async #restore(origin: Run): Promise<void> {
    const snapshot = await this.#capture(origin);
    if (snapshot === undefined) return;
    const run = origin.restored(snapshot);
    this.#restored++;
    this.#runs.push(run);
    for (const { feed, position } of snapshot.checkpoints) {
      const name = origin.followings.find((one) => this.#feed(one.name).name === feed)?.name;
      const last = name === undefined ? undefined : run.entriesOf(name).at(-1)?.position;
      if (last !== undefined && last !== position) this.#problems.push(`captured ${feed} at ${position}, but its last event is ${last}`);
    }
    await run.start(origin.followings.map(({ name }) => [name, this.#feed(name)]));
  }

  async #capture(run: Run) {
    try {
      await run.model.live;
      return run.canBeRestored ? await run.model.capture() : undefined;
    } catch {
      // Refused: it is not live, has failed, or is closed.
      return undefined;
    }
  }

  async #read(run: Run): Promise<void> {
    const { model } = run;
    try {
      if (await model.read(() => model.isHalf)) this.#problems.push("half an update was read");
    } catch (error) {
      const hasStopped = run.isGivenUp || model.hasFailed || model.health.some(({ status }) => status === "faulted");
      if (!hasStopped) this.#problems.push(`it could not be read: ${String(error)}`);
    }
  }

  #feed(name: FeedName): EventFeed {
    const { connected } = this.#fixture;
    if (name === "all") return connected.all();
    if (name === "deposits") return connected.eventType(AmountDeposited);
    if (name === "a-1") return connected.aggregate(Account, name);
    return connected.category(name === "accounts" ? Account : Notebook);
  }

  #paced(behaviour: Behaviour): Behaviour {
    return { ...behaviour, slowMs: Math.ceil(behaviour.slowMs / this.#pace.quicker) };
  }

  async #head(): Promise<number> {
    for await (const { head } of this.#store.read({ all: true }, { direction: "backwards", limit: 1 }).batches()) return head ?? -1;
    return -1;
  }

  async #log(): Promise<readonly Logged[]> {
    const log: Logged[] = [];
    for await (const { position, stream, type } of this.#store.read({ all: true })) log.push({ position, stream, type });
    return log;
  }
}
