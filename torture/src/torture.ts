import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ChildHandle } from "./child-handle.ts";
import { Findings } from "./findings.ts";
import { Ledger } from "./ledger.ts";
import { Random } from "./random.ts";
import { killedOf, scheduleOf, type Moment, type Round, type ServerKill, type Stop } from "./schedule.ts";
import { SLOTS, type Report, type Slot } from "./protocol.ts";
import { newPlace, storeAt } from "./stores.ts";
import type { TorturedPlace, TorturedStore } from "./tortured-store.ts";
import { handledName } from "./verify/verify-members.ts";
import { Verifier } from "./verify/verifier.ts";

export interface TortureOptions {
  /** The kind of store, or `kind:server`. */
  readonly store: string;
  readonly kills: number;
  /** How often the store's own server is killed. */
  readonly serverKills: number;
  /** How often a child is stopped for longer than its leases. */
  readonly stops: number;
  readonly seed: number;
  readonly sabotage: string | null;
  /** Whether the store is kept though nothing was found. */
  readonly keep: boolean;
  /** Told what happens, line by line. */
  readonly tell: (line: string) => void;
}

export interface TortureResult {
  readonly kills: number;
  readonly acknowledged: number;
  readonly findings: Findings;
  /** Where the store is kept; `undefined` when it was removed. */
  readonly kept: string | undefined;
}

const SPARES = 2;
const REPORT_WAIT_MS = 400;
const LAST_TIMEOUT_MS = 60_000;
/** A store waits for its server for half a minute, and a busy machine takes its time. */
const WRITES_AGAIN_WITHIN_MS = 60_000;

/** Has children write into a store, kills them, and looks for what they lost. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const folder = mkdtempSync(join(tmpdir(), "torture-"));
  const place = await newPlace(options.store, folder);
  const run = new Run(options, { folder, place, store: await storeAt(place.url) });
  let isKept = true;
  try {
    await run.all();
    isKept = options.keep || !run.findings.isClean;
  } finally {
    await run.end();
    await place.end(isKept);
  }
  if (!isKept) rmSync(folder, { recursive: true, force: true });
  const { kills, findings, ledger } = run;
  return { kills, acknowledged: ledger.acknowledged, findings, kept: isKept ? place.name : undefined };
}

interface RunPlace {
  readonly folder: string;
  readonly place: TorturedPlace;
  readonly store: TorturedStore;
}

class Run {
  readonly findings = new Findings();
  readonly ledger = new Ledger();
  kills = 0;
  serverKills = 0;
  stops = 0;
  readonly #options: TortureOptions;
  readonly #place: TorturedPlace;
  readonly #store: TorturedStore;
  readonly #journal: string;
  readonly #verifier: Verifier;
  readonly #random: Random;
  /** What handlers of groups were given. */
  readonly #handled = new Set<string>();
  readonly #children = new Set<ChildHandle>();
  readonly #spares: ChildHandle[] = [];
  #round = 0;
  #hasOpened = false;
  #isServerKilled = false;

  constructor(options: TortureOptions, { folder, place, store }: RunPlace) {
    this.#options = options;
    this.#place = place;
    this.#store = store;
    this.#journal = join(folder, "journal.txt");
    const { ledger, findings } = this;
    this.#verifier = new Verifier({ store, journal: this.#journal, ledger, findings, handled: this.#handled });
    this.#random = Random.of(options.seed, "parent");
  }

  async all(): Promise<void> {
    const { kills, serverKills, stops, seed, sabotage, tell } = this.#options;
    const { most } = this.#place;
    for (const round of scheduleOf(seed, { kills, serverKills, stops, most })) await this.#runRound(round);
    // A planted fault that is found is enough: with it, not everything comes to its end.
    if (sabotage !== null && !this.findings.isClean) return;
    for (const slot of SLOTS.slice(0, most)) await this.#finish(slot);
    await this.#store.settled();
    if (sabotage === "hole") await this.#store.plantHole();
    await this.#verifier.verifyAll();
    const { done, undone } = this.#verifier.unknown;
    if (serverKills > 0) tell(`The server was killed ${this.serverKills} times.`);
    if (this.stops > 0) tell(`Children were stopped for longer than their leases ${this.stops} times.`);
    tell(`${done} writes that nobody had heard of were done, ${undone} were not; the log has ${this.#verifier.events} events.`);
  }

  /** Leaves no child behind. */
  async end(): Promise<void> {
    for (const child of this.#children) child.kill();
    await Promise.all([...this.#children].map(({ ended }) => ended));
  }

  async #runRound(round: Round): Promise<void> {
    this.#round++;
    this.#isServerKilled = round.serverKills.length > 0;
    await this.#runChildren(round);
    await this.#store.settled();
    // A reader leaves the write-ahead log to the next writer; who opens for writing takes it in.
    const readOnly = this.#hasOpened && this.#random.chance(0.5);
    if (this.#hasOpened) await this.#verifier.verifyNews(readOnly);
    this.#options.tell(`${this.kills} kills, ${this.ledger.acknowledged} acknowledged`);
  }

  async #runChildren({ slots, moments, serverKills, stops }: Round): Promise<void> {
    const children = new Map<Slot, ChildHandle>();
    for (const slot of slots) children.set(slot, await this.#start(slot));
    const isBack = await this.#killServer(serverKills, children);
    for (const stop of stops) await this.#stop(stop, [...children.values()]);
    for (const [index, slot] of killedOf(slots).entries()) {
      await this.#killAt(slot, children.get(slot), moments[index]);
      if (index === 0 && slots.length > 1) children.set(slot, await this.#start(slot));
    }
    await isBack();
  }

  /** Resolves when children may be killed; what it returns, when the server is there. */
  async #killServer(kills: readonly ServerKill[], children: ReadonlyMap<Slot, ChildHandle>): Promise<() => Promise<void>> {
    let back: Promise<unknown> = Promise.resolve();
    for (const { afterMs, downMs, isLivedThrough } of kills) {
      await back;
      await sleep(afterMs);
      await this.#place.server?.kill();
      this.serverKills++;
      back = sleep(downMs).then(() => this.#place.server?.start());
      back.catch(() => undefined);
      if (!isLivedThrough) continue;
      await back;
      await Promise.all([...children].map(([slot, child]) => this.#expectWrite(slot, child)));
    }
    return async () => void (await back);
  }

  /** Others take over what it holds, and it does not know when it goes on. */
  async #stop({ child, afterMs, stoppedMs, thenMs }: Stop, children: readonly ChildHandle[]): Promise<void> {
    await sleep(afterMs);
    children[child]?.stop();
    await sleep(stoppedMs);
    children[child]?.goOn();
    this.stops++;
    await sleep(thenMs);
  }

  async #expectWrite(slot: Slot, child: ChildHandle): Promise<void> {
    if (await child.nextReport("acknowledged", WRITES_AGAIN_WITHIN_MS)) return;
    this.findings.addFault(`the child of slot ${slot} has not written again after the server was killed in round ${this.#round}`);
  }

  async #killAt(slot: Slot, child: ChildHandle | undefined, { afterMs = 0, report }: Partial<Moment> = {}): Promise<void> {
    if (child === undefined) return;
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
    const child = new ChildHandle(this.#place.url);
    this.#children.add(child);
    void child.ended.then(() => this.#children.delete(child));
    return child;
  }

  #take(report: Report): void {
    if (report.kind === "open") this.#hasOpened = true;
    else if (report.kind === "again") this.#takeAgain(report.what);
    else if (report.kind === "handling") this.#handled.add(handledName(report.by, report.position));
    else if (report.kind === "fault") this.findings.addFault(report.what);
    else this.ledger.take(report);
  }

  /** A store repeats what it was doing when its server was killed, so that it is told that it was done: then only the log tells whether it was done twice. */
  #takeAgain(what: string): void {
    if (!this.#isServerKilled) this.findings.add("doubled", what);
  }
}
