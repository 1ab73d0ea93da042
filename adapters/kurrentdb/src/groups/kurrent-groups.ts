import {
  fence,
  GroupNotFound,
  NotSupported,
  type DeliveryRef,
  type Fence,
  type GroupStatus,
  type ParkedDelivery,
} from "@reactive-domain/persistence";
import type {
  Claim,
  ClaimRequest,
  CompleteGroupDefinition,
  GroupDriver,
  ParkedRequest,
  ReplayRequest,
} from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import { isGroupGone } from "../connection/kurrent-failure.ts";
import type { LogReader } from "../reading/log-reader.ts";
import type { StreamReader } from "../reading/stream-reader.ts";
import type { KeptStates } from "../writing/kept-states.ts";
import { GroupMaking } from "./group-making.ts";
import type { GroupRecord } from "./group-record.ts";
import { GroupStarts } from "./group-start.ts";
import { statusOf } from "./group-status.ts";
import { LocalGroup } from "./local-group.ts";

export interface KurrentGroupsParts {
  readonly connection: Connection;
  readonly kept: KeptStates;
  readonly log: LogReader;
  readonly streams: StreamReader;
  /** Why parked events cannot be chosen for a replay. */
  readonly noChosenReplays: string;
}

/** Tokens of processes that start later are higher: they begin with the time, which has so many tokens in each millisecond. */
const TOKENS_IN_MS = 1_024;

/** The consumer groups of the store, over persistent subscriptions of KurrentDB. */
export class KurrentGroups implements GroupDriver {
  readonly #parts: KurrentGroupsParts;
  readonly #making: GroupMaking;
  readonly #local = new Map<string, LocalGroup>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #lastFence: number;

  constructor(parts: KurrentGroupsParts) {
    const { connection, log, streams } = parts;
    const { clock, chance } = connection.runtime;
    this.#parts = parts;
    this.#making = new GroupMaking({ ...parts, starts: new GroupStarts(log, streams) });
    this.#lastFence = clock.now() * TOKENS_IN_MS + Math.floor(chance.next() * TOKENS_IN_MS);
  }

  async create(name: string, definition: CompleteGroupDefinition): Promise<boolean> {
    const record = await this.#making.create(name, definition);
    if (record === undefined) return false;
    await this.#forget(name);
    this.#open(record, true);
    return true;
  }

  async delete(name: string): Promise<boolean> {
    const record = await this.#making.delete(name);
    await this.#forget(name);
    return record !== undefined;
  }

  async list(): Promise<readonly GroupStatus[]> {
    const names = (await this.#making.all()).map(({ name }) => name).toSorted((one, other) => (one < other ? -1 : 1));
    const found = await Promise.all(names.map((name) => this.#statusIfThere(name)));
    return found.filter((status) => status !== undefined);
  }

  status(name: string): Promise<GroupStatus> {
    return this.#on(name, (group) => statusOf(group, this.#parts));
  }

  claim(name: string, request: ClaimRequest): Promise<Claim> {
    return this.#on(name, (group) => group.claim(request));
  }

  extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): Promise<void> {
    return this.#on(name, async (group) => group.extend(deliveries, leaseMs));
  }

  async parked(name: string, { after, limit }: ParkedRequest): Promise<readonly ParkedDelivery[]> {
    const parked = await this.#on(name, (group) => group.parked());
    return parked.filter(({ event }) => event.position > (after ?? -1)).slice(0, limit);
  }

  async replayParked(name: string, { positions, error, limit }: ReplayRequest): Promise<number> {
    if (positions !== undefined || error !== "")
      throw new NotSupported(this.#parts.connection.name, "chosenReplays", this.#parts.noChosenReplays);
    return this.#on(name, (group) => group.replayParked(limit));
  }

  onChange(name: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // Each call counts for itself, also when a function is given twice.
    const own = (): void => listener();
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    };
  }

  /** The part of a group that this process has. Errors: `group-not-found`. */
  async local(name: string): Promise<LocalGroup> {
    const known = this.#local.get(name);
    if (known !== undefined) return known;
    const record = await this.#making.find(name);
    if (record === undefined) throw new GroupNotFound(name);
    return this.#local.get(name) ?? this.#open(record, false);
  }

  /** Gives back what is not settled, of all groups. */
  async close(): Promise<void> {
    await Promise.all([...this.#local.values()].map((group) => group.close()));
  }

  #open(record: GroupRecord, isNew: boolean): LocalGroup {
    const { name } = record;
    const group = new LocalGroup({
      ...this.#parts,
      record,
      isNew,
      nextFence: () => this.#nextFence(),
      isAwaited: () => (this.#listeners.get(name)?.size ?? 0) > 0,
      onChange: () => this.#changed(name),
      onLost: (failure) => {
        if (isGroupGone(failure) && this.#local.get(name) === group) this.#local.delete(name);
      },
    });
    this.#local.set(name, group);
    return group;
  }

  async #forget(name: string): Promise<void> {
    const group = this.#local.get(name);
    this.#local.delete(name);
    this.#changed(name);
    await group?.close();
  }

  /** Does something with a group. Where the persistent subscription is not there any more, it is looked whether the group was made again. */
  async #on<T>(name: string, work: (group: LocalGroup) => Promise<T>): Promise<T> {
    for (let isAgain = false; ; isAgain = true) {
      const group = await this.local(name);
      try {
        return await work(group);
      } catch (error) {
        if (!isGroupGone(error)) throw error;
        if (this.#local.get(name) === group) await this.#forget(name);
        if (isAgain) throw new GroupNotFound(name);
      }
    }
  }

  async #statusIfThere(name: string): Promise<GroupStatus | undefined> {
    try {
      return await this.status(name);
    } catch (error) {
      if (error instanceof GroupNotFound) return undefined;
      throw error;
    }
  }

  #changed(name: string): void {
    for (const listener of this.#listeners.get(name) ?? []) listener();
  }

  #nextFence(): Fence {
    this.#lastFence = Math.max(this.#lastFence + 1, this.#parts.connection.runtime.clock.now() * TOKENS_IN_MS);
    return fence(this.#lastFence);
  }
}
