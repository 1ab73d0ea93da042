import type { DeliveryRef, GroupStatus, ParkedDelivery } from "@reactive-domain/persistence";
import type {
  Claim,
  ClaimRequest,
  CompleteGroupDefinition,
  GroupDriver,
  MaybePromise,
  ParkedRequest,
  ReplayRequest,
} from "@reactive-domain/persistence/adapter";
import type { Task } from "./group-commit.ts";
import type { GroupStore } from "./group-store.ts";

export interface SqliteGroupDriverOptions {
  readonly groups: GroupStore;
  readonly commit: <T>(task: Task<T>) => Promise<T>;
  readonly read: <T>(read: () => T) => MaybePromise<T>;
}

/** Gives the calls about groups their transactions: those that change something share one with the writes of the moment. */
export class SqliteGroupDriver implements GroupDriver {
  readonly #groups: GroupStore;
  readonly #commit: SqliteGroupDriverOptions["commit"];
  readonly #read: SqliteGroupDriverOptions["read"];

  constructor({ groups, commit, read }: SqliteGroupDriverOptions) {
    this.#groups = groups;
    this.#commit = commit;
    this.#read = read;
  }

  create(name: string, definition: CompleteGroupDefinition): Promise<boolean> {
    return this.#quietly(() => this.#groups.create(name, definition));
  }

  delete(name: string): Promise<boolean> {
    return this.#commit({ events: 0, run: () => this.#groups.delete(name), isNews: (isDeleted) => isDeleted });
  }

  list(): MaybePromise<readonly GroupStatus[]> {
    return this.#read(() => this.#groups.views.list());
  }

  status(name: string): MaybePromise<GroupStatus> {
    return this.#read(() => this.#groups.views.status(name));
  }

  claim(name: string, request: ClaimRequest): Promise<Claim> {
    return this.#quietly(() => this.#groups.claim(name, request), request.maxEvents);
  }

  extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): Promise<void> {
    return this.#quietly(() => this.#groups.extend(name, deliveries, leaseMs));
  }

  parked(name: string, request: ParkedRequest): MaybePromise<readonly ParkedDelivery[]> {
    return this.#read(() => this.#groups.views.parked(name, request));
  }

  replayParked(name: string, request: ReplayRequest): Promise<number> {
    return this.#commit({ events: 0, run: () => this.#groups.replayParked(name, request), isNews: (count) => count > 0 });
  }

  /** What lets no claim come to another answer than before. */
  #quietly<T>(run: () => T, events = 0): Promise<T> {
    return this.#commit({ events, run, isNews: () => false });
  }
}
