import { position, type Position } from "@reactive-domain/core";
import { defineListing } from "@reactive-domain/messaging";
import {
  defineReadModels,
  type Acquisition,
  type EntryState,
  type NewProjectionEntry,
  type ProjectionCommit,
  type ProjectionMaking,
  type ProjectionStore,
} from "@reactive-domain/persistence";
import { account, accountViews, type AccountView } from "../read-models/account-views.ts";

export const NAME = "accounts";

/** The projection of accounts, as of a version. */
export function accounts(version = 1, shape: typeof accountViews = accountViews): ProjectionMaking<unknown> {
  return { name: NAME, version, shape: { kind: "documents", shape } };
}

/** The same accounts under the next schema version. */
export const nextAccountViews = defineReadModels("account-views", {
  listing: accountViews.listing,
  indexes: [["owner"]],
  schemaVersion: 2,
}).holding<AccountView>();

/** Accounts of other fields under the schema version of {@link accountViews}. */
export const otherAccountViews = defineReadModels("account-views", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", branch: "string" } }),
});

type Granted = Extract<Acquisition, { readonly record: unknown }>;
type Commit = Partial<Omit<ProjectionCommit<unknown>, "documents">> & {
  readonly puts?: readonly AccountView[];
  readonly deletes?: readonly string[];
  /** Where its lane is to be. Default: where it is. */
  readonly to?: number;
};

/** Who has acquired a generation, and knows where it is. */
export class Worker {
  readonly granted: Granted;
  readonly generation: number;
  revision: number;
  place: Position | null;
  readonly #projections: ProjectionStore;

  private constructor(projections: ProjectionStore, generation: number, granted: Granted) {
    this.#projections = projections;
    this.granted = granted;
    this.generation = generation;
    this.revision = granted.record.revision;
    this.place = granted.record.generations.find((one) => one.generation === generation)?.lanes[0] ?? null;
  }

  /** Fails where somebody else has it. */
  static async of(projections: ProjectionStore, generation = 1, worker = "ann"): Promise<Worker> {
    const granted = await projections.acquire({ projection: NAME, generation, worker, leaseMs: 600_000 });
    if ("heldBy" in granted) throw new Error(`${granted.heldBy} has it`);
    return new Worker(projections, generation, granted);
  }

  async commit({ puts = [], deletes = [], to, ...rest }: Commit = {}): Promise<void> {
    const target = to === undefined ? this.place : position(to);
    const moves = to === undefined ? [] : [{ lane: 0, expected: this.place, position: target }];
    await this.#projections.commit({
      projection: NAME,
      generation: this.generation,
      fence: this.granted.fence,
      revision: this.revision,
      moves,
      handled: 1,
      documents: { shape: accountViews, puts, deletes },
      entries: [],
      settled: [],
      ...rest,
    });
    this.place = target;
  }
}

/** An entry of an event, as it is put. */
export function entry(at: number, state: EntryState, more: Partial<NewProjectionEntry> = {}): NewProjectionEntry {
  return { position: position(at), key: "a-1", state, attempts: 1, error: "Out of luck", size: 1, ...more };
}

/** A projection that is defined, and who works on it. */
export async function defined(projections: ProjectionStore): Promise<Worker> {
  await projections.define(accounts());
  return Worker.of(projections);
}

/** A generation beside the live one that has these items, and who works on it. */
export async function built(projections: ProjectionStore, version: number, puts: readonly AccountView[]): Promise<Worker> {
  const record = await projections.build(accounts(version));
  const worker = await Worker.of(projections, record.generations.at(-1)?.generation);
  await worker.commit({ puts, to: 9 });
  return worker;
}

export { account, accountViews };
