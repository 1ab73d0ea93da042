import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ChildHandle } from "./child-handle.ts";
import { Findings } from "./findings.ts";
import { Ledger } from "./ledger.ts";
import { Random } from "./random.ts";
import { scheduleOf, type Moment, type Round } from "./schedule.ts";
import type { Report, Slot } from "./protocol.ts";
import { storeAt } from "./stores.ts";
import type { TorturedStore } from "./tortured-store.ts";
import { Verifier } from "./verify/verifier.ts";

export interface TortureOptions {
  /** The kind of store. */
  readonly store: string;
  readonly kills: number;
  readonly seed: number;
  readonly sabotage: string | null;
  /** Told what happens, line by line. */
  readonly tell: (line: string) => void;
}

export interface TortureResult {
  readonly kills: number;
  readonly acknowledged: number;
  readonly findings: Findings;
  /** Where the store is kept when something was found; otherwise it is removed. */
  readonly folder: string;
}

const SPARES = 2;
const REPORT_WAIT_MS = 400;
const LAST_TIMEOUT_MS = 60_000;

/** Has children write into a store, kills them, and looks for what they lost. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const folder = mkdtempSync(join(tmpdir(), "torture-"));
  const run = new Run(options, folder, await storeAt(urlOf(options.store, folder)));
  try {
    await run.all();
  } finally {
    await run.end();
  }
  if (run.findings.isClean) rmSync(folder, { recursive: true, force: true });
  return { kills: run.kills, acknowledged: run.ledger.acknowledged, findings: run.findings, folder };
}

const urlOf = (kind: string, folder: string): string => `${kind}:${join(folder, "torture.db")}`;

class Run {
  readonly findings = new Findings();
  readonly ledger = new Ledger();
  kills = 0;
  readonly #options: TortureOptions;
  readonly #folder: string;
  readonly #store: TorturedStore;
  readonly #journal: string;
  readonly #verifier: Verifier;
  readonly #random: Random;
  readonly #children = new Set<ChildHandle>();
  readonly #spares: ChildHandle[] = [];
  #round = 0;
  #hasOpened = false;

  constructor(options: TortureOptions, folder: string, store: TorturedStore) {
    this.#options = options;
    this.#folder = folder;
    this.#store = store;
    this.#journal = join(folder, "journal.txt");
    this.#verifier = new Verifier({ store, journal: this.#journal, ledger: this.ledger, findings: this.findings });
    this.#random = Random.of(options.seed, "parent");
  }

  async all(): Promise<void> {
    const { kills, seed, sabotage, tell } = this.#options;
    for (const round of scheduleOf(seed, kills)) await this.#runRound(round);
    for (const slot of ["a", "b"] as const) await this.#finish(slot);
    if (sabotage === "hole") await this.#store.plantHole();
    await this.#verifier.verifyAll();
    const { done, undone } = this.#verifier.unknown;
    tell(`${done} writes that nobody had heard of were done, ${undone} were not; the log has ${this.#verifier.events} events.`);
  }

  /** Leaves no child behind. */
  async end(): Promise<void> {
    for (const child of this.#children) child.kill();
    await Promise.all([...this.#children].map(({ ended }) => ended));
  }

  async #runRound(round: Round): Promise<void> {
    this.#round++;
    if (round.kind === "alone") await this.#killAt(round.slot, await this.#start(round.slot), round.moment);
    else await this.#runPair(round);
    // A reader leaves the write-ahead log to the next writer; who opens for writing takes it in.
    const readOnly = this.#hasOpened && this.#random.chance(0.5);
    if (this.#hasOpened) await this.#verifier.verifyNews(readOnly);
    this.#options.tell(`${this.kills} kills, ${this.ledger.acknowledged} acknowledged`);
  }

  async #runPair({ first, moments }: Extract<Round, { kind: "pair" }>): Promise<void> {
    const second = first === "a" ? "b" : "a";
    const [one, other] = [await this.#start(first), await this.#start(second)];
    await this.#killAt(first, one, moments[0]);
    const again = await this.#start(first);
    await this.#killAt(second, other, moments[1]);
    await this.#killAt(first, again, moments[2]);
  }

  async #killAt(slot: Slot, child: ChildHandle, { afterMs, report }: Moment): Promise<void> {
    await Promise.race([sleep(afterMs), child.ended]);
    if (report !== undefined) await child.nextReport(report, REPORT_WAIT_MS);
    child.kill();
    const how = await child.ended;
    this.ledger.close(slot);
    if (how === "SIGKILL") this.kills++;
    else this.findings.addFault(`a child ended by itself: ${how}`);
  }

  /** Repeats what is open, and handles what there is to handle. */
  async #finish(slot: Slot): Promise<void> {
    this.#round++;
    const child = await this.#start(slot, true);
    const timer = setTimeout(() => child.kill(), LAST_TIMEOUT_MS);
    const how = await child.ended;
    clearTimeout(timer);
    this.ledger.close(slot);
    if (how !== 0) this.findings.addFault(`the last child of slot ${slot} did not come to its end (${how})`);
  }

  async #start(slot: Slot, isLast = false): Promise<ChildHandle> {
    const { seed, sabotage } = this.#options;
    const child = this.#spares.shift() ?? this.#spawn();
    const missing = isLast ? 0 : SPARES - this.#spares.length;
    for (let count = 0; count < missing; count++) this.#spares.push(this.#spawn());
    await child.ready;
    const orders = { slot, seed, sabotage, isLast, round: this.#round, journal: this.#journal, next: this.ledger.next() };
    child.start({ ...orders, unknown: this.ledger.unknown(slot) }, (report) => this.#take(report));
    return child;
  }

  #spawn(): ChildHandle {
    const child = new ChildHandle(urlOf(this.#options.store, this.#folder));
    this.#children.add(child);
    void child.ended.then(() => this.#children.delete(child));
    return child;
  }

  #take(report: Report): void {
    if (report.kind === "open") this.#hasOpened = true;
    else if (report.kind === "again") this.findings.add("doubled", report.what);
    else if (report.kind === "fault") this.findings.addFault(report.what);
    else this.ledger.take(report);
  }
}
