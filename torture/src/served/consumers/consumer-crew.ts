import type { Findings } from "../../findings.ts";
import { ReportingProcess } from "../../reporting-process.ts";
import { sharedMs, type ConsumerOrders, type ConsumerReport, type Taking } from "./consumer-protocol.ts";
import type { ConsumingLedger } from "./consuming-ledger.ts";

export interface CrewOptions {
  /** How many processes. */
  readonly processes: number;
  readonly seed: number;
  readonly urls: readonly string[];
  readonly sabotage: string | null;
  readonly ledger: ConsumingLedger;
  readonly findings: Findings;
}

/** What a planted fault has done, in a process that waits for its end. */
export interface Planted {
  readonly slot: number;
  readonly taking: Taking;
  readonly place: number;
}

const PROGRAM = new URL("main.ts", import.meta.url);

type ConsumerProcess = ReportingProcess<ConsumerReport>;

/** The processes with consumers: each of them comes back when it was killed. */
export class ConsumerCrew {
  /** Resolves when a fault was planted. */
  readonly planted: Promise<Planted>;
  readonly #options: CrewOptions;
  readonly #processes: ConsumerProcess[];
  readonly #lives: number[];
  #onPlanted: (planted: Planted) => void = () => undefined;
  #isEnding = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.planted = new Promise((resolve) => {
      this.#onPlanted = resolve;
    });
    this.#lives = Array.from({ length: options.processes }, () => 0);
    this.#processes = this.#lives.map((_, slot) => this.#start(slot, null));
  }

  /** Kills a process and starts it again; `repeated` is what it does again though it was done. */
  async kill(slot: number, repeated: Taking | null = null): Promise<void> {
    const { ledger } = this.#options;
    const killed = this.#processes[slot];
    if (killed === undefined || this.#isEnding) return;
    const fromMs = sharedMs();
    this.#lives[slot] = (this.#lives[slot] ?? 0) + 1;
    killed.signal("SIGKILL");
    this.#processes[slot] = this.#start(slot, repeated);
    ledger.kills++;
    await killed.ended;
    ledger.interruptions.push({ fromMs, toMs: sharedMs() });
  }

  /** Has all consumers know what has been replayed. */
  addReplayed(keys: readonly string[]): void {
    for (const key of keys) this.#options.ledger.replayed.add(key);
    for (const process of this.#processes) process.send(keys);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    for (const process of this.#processes) process.signal("SIGKILL");
    await Promise.all(this.#processes.map(({ ended }) => ended));
  }

  #start(slot: number, repeated: Taking | null): ConsumerProcess {
    const { seed, urls, sabotage, ledger } = this.#options;
    const life = this.#lives[slot] ?? 0;
    const process: ConsumerProcess = new ReportingProcess(PROGRAM, [], (report) => this.#hear(slot, report));
    const orders: ConsumerOrders = { slot, life, seed, urls, sabotage, repeated, replayed: [...ledger.replayed] };
    process.send(orders);
    void process.ended.then((how) => this.#expectKilled(slot, how));
    return process;
  }

  #expectKilled(slot: number, how: string | number | null): void {
    if (how !== "SIGKILL") this.#options.findings.addFault(`the process ${slot} with consumers ended by itself: ${how}`);
  }

  #hear(slot: number, report: ConsumerReport): void {
    const { ledger, findings } = this.#options;
    if (report.kind === "took") ledger.take(report.taking);
    else if (report.kind === "broken") this.#break(report);
    else if (report.kind === "stalled") ledger.interruptions.push(report);
    else if (report.kind === "planted") this.#onPlanted({ slot, ...report });
    else if (report.kind === "fault") findings.addFault(report.what);
  }

  #break({ why, atMs }: { readonly why: string; readonly atMs: number }): void {
    this.#options.ledger.interruptions.push({ fromMs: atMs, toMs: atMs });
    if (!this.#isEnding && !AWAY.test(why)) this.#options.findings.addFault(`a consumer was sent away: ${why}`);
  }
}

/** Why a consumer may lose its connection. */
const AWAY = /^(?:UnavailableError|CancelledError)\b|\b(?:UNAVAILABLE|CANCELLED)\b/;
