import type { EventStore } from "@reactive-domain/persistence";
import type { Findings } from "../findings.ts";
import type { Ledger } from "../ledger.ts";
import type { TorturedStore } from "../tortured-store.ts";
import { LogMirror } from "./log-mirror.ts";
import { verifyGroups } from "./verify-groups.ts";
import { verifyLog, verifyUnchanged } from "./verify-log.ts";
import { verifyMembers } from "./verify-members.ts";
import { verifyProgress } from "./verify-progress.ts";
import { verifyScrap, verifySnapshots, verifySources } from "./verify-streams.ts";
import { verifyTallies } from "./verify-tallies.ts";
import { verifyWrites, type UnknownWrites } from "./verify-writes.ts";

export interface VerifierOptions {
  readonly store: TorturedStore;
  /** The file in which a projection keeps its work. */
  readonly journal: string;
  readonly ledger: Ledger;
  readonly findings: Findings;
  /** What handlers of groups were given. */
  readonly handled: ReadonlySet<string>;
}

/** Looks at a store that nobody else uses at the moment, through the port. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #mirror = new LogMirror();
  #unknown = { done: 0, undone: 0 };

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Of all writes whose outcome nobody knew after a kill. */
  get unknown(): UnknownWrites {
    return this.#unknown;
  }

  /** How many events were read. */
  get events(): number {
    return this.#mirror.events.length;
  }

  /** What was written since the last look. */
  async verifyNews(readOnly: boolean): Promise<void> {
    await using store = await this.#options.store.open({ readOnly });
    await this.#mirror.readOn(store);
    const { done, undone } = verifyWrites(this.#options.ledger.takeNews(), this.#mirror, this.#options.findings);
    this.#unknown = { done: this.#unknown.done + done, undone: this.#unknown.undone + undone };
    await this.#verify(store, this.#mirror, false);
  }

  /** Everything, from the beginning. */
  async verifyAll(): Promise<void> {
    const { store: tortured, ledger, findings } = this.#options;
    for (const problem of await tortured.check()) findings.addFault(problem);
    await using store = await tortured.open({ readOnly: true });
    const mirror = new LogMirror();
    await mirror.readOn(store);
    verifyWrites(ledger.writes, mirror, findings);
    verifyUnchanged(this.#mirror, mirror, findings);
    await this.#verify(store, mirror, true);
    await verifySources(store, mirror, findings);
    await verifyScrap(store, ledger, findings);
    await verifySnapshots(store, ledger, mirror, findings);
  }

  async #verify(store: EventStore, mirror: LogMirror, isDrained: boolean): Promise<void> {
    const { store: tortured, ledger, findings, journal, handled } = this.#options;
    verifyLog(mirror, ledger, findings);
    await verifyProgress(store, mirror, journal, findings);
    await verifyGroups(store, mirror, findings, isDrained);
    await verifyMembers({ store, mirror, findings, handled, isDrained });
    await verifyTallies({ store: tortured, mirror, findings, isDrained });
  }
}
