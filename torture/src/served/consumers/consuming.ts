import { setTimeout as sleep } from "node:timers/promises";
import { KurrentDBClient } from "@kurrent/kurrentdb-client";
import type { Findings } from "../../findings.ts";
import { ConsumerCrew } from "./consumer-crew.ts";
import { REPEATED } from "./consumer-protocol.ts";
import { ConsumingLedger } from "./consuming-ledger.ts";
import { GROUP_NAMES, MESSAGE_TIMEOUT_MS } from "./fates.ts";
import { watchGroups } from "./group-watch.ts";
import { replayParked } from "./replay-parked.ts";
import { isBeforeKill } from "./sabotages.ts";
import { createGroups, stateOf, type GroupState } from "./subscribed.ts";

export interface ConsumingOptions {
  readonly processes: number;
  readonly seed: number;
  readonly urls: readonly string[];
  readonly sabotage: string | null;
  readonly findings: Findings;
  /** How long nothing may become of what is left. */
  readonly patienceMs: number;
}

const PLANTED_WITHIN_MS = 60_000;
const UNHURRIED_MS = 5_000;
const LOOK_MS = 100;
/** As long as a message that nobody had answered would take to come again, and longer. */
const QUIET_MS = 1_300;

/** All that consumes persistent subscriptions of a run. */
export class Consuming {
  readonly ledger = new ConsumingLedger();
  readonly #options: ConsumingOptions;
  readonly #crew: ConsumerCrew;
  readonly #clients: readonly KurrentDBClient[];
  readonly #ending = new AbortController();
  readonly #watches: Promise<unknown>;

  private constructor(options: ConsumingOptions, clients: readonly KurrentDBClient[]) {
    this.#options = options;
    this.#clients = clients;
    this.#crew = new ConsumerCrew({ ...options, ledger: this.ledger });
    this.#watches = Promise.all(clients.map((client) => watchGroups(client, this.ledger, this.#ending.signal)));
  }

  static async begin(options: ConsumingOptions): Promise<Consuming> {
    const clients = options.urls.map((url) => KurrentDBClient.connectionString(url));
    const [first] = clients;
    // What a planted fault has acknowledged is not to come again because a machine is slow.
    const timeoutMs = isBeforeKill(options.sabotage) ? UNHURRIED_MS : MESSAGE_TIMEOUT_MS;
    if (first !== undefined) await createGroups(first, timeoutMs);
    return new Consuming(options, clients);
  }

  /** Where a fault is to be planted, resolves when it is done and its process was killed. */
  async planted(): Promise<void> {
    const { sabotage, findings } = this.#options;
    if (!isBeforeKill(sabotage)) return;
    const planted = await Promise.race([this.#crew.planted, sleep(PLANTED_WITHIN_MS, undefined, { ref: false })]);
    if (planted === undefined) return findings.addFault("no fault could be planted");
    const { slot, taking, place } = planted;
    while (this.ledger.checkpointOf(taking.group) < place) await sleep(LOOK_MS);
    if (sabotage !== "handle-again") return this.#crew.kill(slot);
    const repeated = this.ledger.next(({ by }) => by.endsWith(REPEATED), PLANTED_WITHIN_MS);
    await this.#crew.kill(slot, { ...taking, attempt: taking.attempt + 1 });
    await repeated;
  }

  kill(slot: number): Promise<void> {
    return this.#crew.kill(slot);
  }

  /** Has what is parked come again; a server may be killed meanwhile. */
  async replay(server: number): Promise<void> {
    const url = this.#options.urls[server];
    if (url !== undefined) await replayParked(url, this.#crew, this.ledger).catch(() => undefined);
  }

  /** Resolves when all up to a place in the log is acknowledged and nothing is parked any more, and nothing has come since; that it never is so is a finding. */
  async settle(head: number): Promise<void> {
    if (await this.#isSettled(head)) await this.#expectQuiet();
    this.#ending.abort();
    await this.#watches;
    await this.#crew.end();
    await Promise.all(this.#clients.map((client) => client.dispose()));
  }

  /** What was on its way to somebody slow may still come; nothing is given out anew. */
  async #expectQuiet(): Promise<void> {
    const before = this.ledger.takings.length;
    const attempts = new Map<string, number>();
    for (const { group, key, attempt } of this.ledger.takings)
      attempts.set(`${group} ${key}`, Math.max(attempt, attempts.get(`${group} ${key}`) ?? -1));
    await sleep(QUIET_MS);
    for (const { group, key, attempt } of this.ledger.takings.slice(before))
      if (attempt > (attempts.get(`${group} ${key}`) ?? -1))
        this.#options.findings.add("doubled", `${group} was given ${key} again (attempt ${attempt}) when all was acknowledged`);
  }

  async #isSettled(head: number): Promise<boolean> {
    let [before, sinceMs] = ["", performance.now()];
    for (;;) {
      const states = await this.#states();
      if (states.length > 0 && states.every((state) => isDone(state, head))) return true;
      const progress = states.map(({ settledUpTo, parked }) => `${settledUpTo} ${parked}`).join(", ");
      if (progress !== before) [before, sinceMs] = [progress, performance.now()];
      if (performance.now() - sinceMs > this.#options.patienceMs) {
        this.#options.findings.addFault(`what is left of a log up to ${head} is not settled: ${JSON.stringify(states)}`);
        return false;
      }
      if (states.some(({ parked }) => parked > 0)) await this.replay(0);
      await sleep(LOOK_MS);
    }
  }

  /** Of all groups, as each of the servers tells it; none where a server does not. */
  async #states(): Promise<readonly GroupState[]> {
    const states = this.#clients.flatMap((client) => GROUP_NAMES.map((group) => stateOf(client, group)));
    return Promise.all(states).catch(() => []);
  }
}

function isDone({ settledUpTo, unsettled, parked }: GroupState, head: number): boolean {
  return settledUpTo >= head && unsettled === 0 && parked === 0;
}
