import {
  createProjections,
  sleep,
  yieldToLoop,
  type EventStore,
  type Projection,
  type Projections,
  type ReadModels,
  type RunnableProjection,
} from "@reactive-domain/foundation";
import { createRepositoryFixture, type RepositoryFixture } from "@reactive-domain/testing";
import { Account, AmountDeposited, banking } from "../../banking.ts";
import { balanceItems, balancesWith } from "../balances.ts";
import { ledgerIn, ledgerWith, type Connection } from "../ledger.ts";
import { ACCOUNTS, type Step } from "./steps.ts";
import { TreatedStore } from "./treated-store.ts";

/** What came of a drill: what was wrong, and how much happened. */
export interface DrillReport {
  readonly problems: readonly string[];
  readonly events: number;
  readonly failures: number;
  readonly rebuilds: number;
  readonly takeOvers: number;
}

interface Worker {
  readonly projections: Projections;
  readonly treated: TreatedStore;
  readonly starting: Promise<unknown>;
}

/** By what times are divided, and how long a lease lasts. */
export interface Pace {
  readonly quicker: number;
  readonly leaseMs: number;
}

/** Workers of one projection to which everything happens that may happen to them. */
export class ProjectionDrill {
  readonly #fixture: RepositoryFixture;
  readonly #views: ReadModels;
  readonly #pace: Pace;
  readonly #hasTables: boolean;
  readonly #workers: Worker[] = [];
  readonly #problems: string[] = [];
  /** How often events still fail, by their amounts. */
  readonly #broken = new Map<number, number>();
  #breaking: { readonly every: number; readonly times: number } | undefined;
  #written = 0;
  #failures = 0;
  #rebuilds = 0;
  #takeOvers = 0;

  constructor(store: EventStore, views: ReadModels, { hasTables, ...pace }: Pace & { readonly hasTables: boolean }) {
    this.#views = views;
    this.#hasTables = hasTables;
    this.#pace = pace;
    this.#fixture = createRepositoryFixture(banking, { store });
  }

  async run(steps: readonly Step[]): Promise<DrillReport> {
    for (const step of steps) {
      if (step.kind === "wait") await sleep(this.#paced(step.ms));
      else void this.#do(step).catch((error) => this.#note(error));
      await yieldToLoop();
    }
    await this.#settle();
    const { problems, events } = await this.#verify();
    return { problems, events, failures: this.#failures, rebuilds: this.#rebuilds, takeOvers: this.#takeOvers };
  }

  /** All is well again: what was parked is replayed, and everything is handled. */
  async #settle(): Promise<void> {
    this.#broken.clear();
    this.#breaking = undefined;
    this.#fixture.faults.heal();
    for (const { treated } of this.#workers) treated.heal();
    // What was begun comes to its end, but for that of workers that are gone.
    await sleep(this.#paced(LONGEST_MS));
    const last = this.#start(1);
    await last.starting;
    for (const projection of last.projections.all) await this.#finish(projection);
    const alive = this.#workers.filter(({ treated }) => !treated.isDead);
    await Promise.all(alive.map(({ projections }) => projections.close()));
  }

  async #finish(projection: RunnableProjection): Promise<void> {
    await projection.resume();
    await projection.caughtUp({ timeoutMs: 600_000 });
    for (let parked = await projection.parked(); parked.length > 0; parked = await projection.parked()) {
      await projection.replayParked();
      await sleep(this.#paced(500));
    }
    await projection.caughtUp({ timeoutMs: 600_000 });
  }

  async #verify(): Promise<{ readonly problems: readonly string[]; readonly events: number }> {
    const problems = [...this.#problems];
    const wanted = new Map<string, { balance: number; deposits: number }>();
    let events = 0;
    for await (const { data } of this.#fixture.connected.store.read({ all: true })) {
      const { accountId, amount } = JSON.parse(String(data)) as { accountId: string; amount: number };
      const item = wanted.get(accountId) ?? { balance: 0, deposits: 0 };
      wanted.set(accountId, { balance: item.balance + amount, deposits: item.deposits + 1 });
      events++;
    }
    const items = await this.#views.repository(balanceItems);
    const rows = this.#hasTables ? await ledgerIn(this.#views) : undefined;
    for (const account of ACCOUNTS) {
      const kept = (await items.get(account))?.item;
      const fold = wanted.get(account);
      if (kept?.balance !== fold?.balance || kept?.deposits !== fold?.deposits)
        problems.push(`${account} is ${JSON.stringify(kept)}, and its events make ${JSON.stringify(fold)}`);
      const row = rows?.find((one) => one["account"] === account);
      if (rows !== undefined && (row?.["cents"] !== fold?.balance || row?.["entries"] !== fold?.deposits))
        problems.push(`the row of ${account} is ${JSON.stringify(row)}, and its events make ${JSON.stringify(fold)}`);
    }
    return { problems, events };
  }

  async #do(step: Exclude<Step, { readonly kind: "wait" }>): Promise<unknown> {
    const { faults } = this.#fixture;
    if (step.kind === "write") return this.#write(step.to, step.events);
    if (step.kind === "breakNext") return void (this.#breaking = step);
    if (step.kind === "start") return this.#start(step.lanes).starting;
    if (step.kind === "drop") return faults.dropSubscriptions();
    if (step.kind === "failReads") return faults.failReads();
    const worker = this.#workers[step.worker % this.#workers.length];
    if (worker === undefined || worker.treated.isDead) return undefined;
    return this.#act(step, worker);
  }

  async #act(step: Extract<Step, { readonly worker: number }>, { projections, treated }: Worker): Promise<unknown> {
    const projection = projections.all[step.worker % projections.all.length] as RunnableProjection;
    switch (step.kind) {
      case "close":
        return projections.close();
      case "treat":
        return treated.treat(step.treatment);
      case "rebuild":
        return this.#rebuild(projection, step);
      case "rebuildKey":
        return projection.rebuildKey(projection.name === "ledger" ? `banking.account-${step.key}` : step.key);
      case "replay":
        return projection.replayParked();
      default:
        return projection[step.kind]();
    }
  }

  async #rebuild(projection: RunnableProjection, { givenUpAfterMs, swap }: Extract<Step, { readonly kind: "rebuild" }>): Promise<void> {
    const givenUp = new AbortController();
    if (givenUpAfterMs !== undefined) void sleep(this.#paced(givenUpAfterMs)).then(() => givenUp.abort(new Error("given up")));
    await projection.rebuild({ swap, acceptParked: true, signal: givenUp.signal });
    this.#rebuilds++;
  }

  #start(lanes: number): Worker {
    const treated = new TreatedStore(this.#views.projections);
    const views: ReadModels = Object.assign(Object.create(this.#views) as ReadModels, { projections: treated.store });
    const { quicker, leaseMs } = this.#pace;
    const documents = balancesWith((event) => this.#mayFail(event.amount));
    const tables = ledgerWith((amount) => this.#mayFail(amount));
    const kept: readonly Projection<Connection>[] = this.#hasTables ? [documents, tables] : [documents];
    const projections = createProjections(this.#fixture.connected, views as ReadModels<Connection>, kept, {
      lanes,
      worker: `worker ${this.#workers.length}`,
      leaseMs,
      pollMs: Math.ceil(1_000 / quicker),
      failures: { minDelayMs: 1, maxDelayMs: Math.ceil(500 / quicker) },
      resume: { minDelayMs: 1, maxDelayMs: Math.ceil(1_000 / quicker) },
      onStopped: (error) => this.#problems.push(`stopped: ${error.message}`),
      onFailure: () => this.#failures++,
    });
    const worker = { projections, treated, starting: projections.start() };
    worker.starting.catch(() => undefined);
    this.#workers.push(worker);
    if (this.#workers.length > 1) this.#takeOvers++;
    return worker;
  }

  #mayFail(amount: number): void {
    const left = this.#broken.get(amount) ?? 0;
    if (left === 0) return;
    this.#broken.set(amount, left - 1);
    throw new RangeError(`${amount} fails`);
  }

  async #write(to: string, count: number): Promise<void> {
    const events = Array.from({ length: count }, () => {
      const amount = ++this.#written;
      if (this.#breaking !== undefined && amount % this.#breaking.every === 0) this.#broken.set(amount, this.#breaking.times);
      return new AmountDeposited({ accountId: to, amount });
    });
    await this.#fixture.given(Account, to, events);
  }

  /** What may be refused, and what must not happen. */
  #note(error: unknown): void {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    // A handler that fails has a key's rebuild fail, too.
    const isUsual = message === "given up" || error instanceof RangeError || ALLOWED.has(code ?? "");
    if (!isUsual) this.#problems.push(`${code ?? "no code"}: ${message}`);
  }

  #paced(ms: number): number {
    return Math.round(ms / this.#pace.quicker);
  }
}

/** Longer than anything hangs. */
const LONGEST_MS = 30_000;

const ALLOWED: ReadonlySet<string> = new Set([
  "projection-changed",
  "projection-not-found",
  "rebuild-refused",
  "store-unavailable",
  "already-closed",
  "fenced",
]);
