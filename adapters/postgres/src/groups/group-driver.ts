import { isDeepStrictEqual } from "node:util";
import { position, type Position } from "@reactive-domain/core";
import {
  AheadOfLog,
  DeliveryLost,
  GroupExists,
  GroupNotFound,
  type DeliveryRef,
  type Fence,
  type GroupStatus,
  type ParkedDelivery,
} from "@reactive-domain/persistence";
import {
  EntryState,
  type Claim,
  type ClaimRequest,
  type CompleteGroupDefinition,
  type GroupDriver,
  type ParkedRequest,
  type ReplayRequest,
} from "@reactive-domain/persistence/adapter";
import { int8Array } from "../binary-arrays.ts";
import type { Database, TextRow } from "../database.ts";
import { RecordedRow } from "../reading/recorded-row.ts";
import { headOf } from "../schema/parts.ts";
import type { Names } from "../schema/names.ts";

export interface PostgresGroupDriverOptions {
  readonly database: Database;
  readonly names: Names;
  /** What other stores listen to. */
  readonly channel: string | undefined;
  readonly origin: string;
  /** Tells this store's own listeners. */
  readonly onChange: () => void;
}

const { parked, claimed } = EntryState;
const NO_SUCH_GROUP = "RDG01";

/** Consumer groups; what they do is done by functions of the database, each in one call. */
export class PostgresGroupDriver implements GroupDriver {
  readonly #options: PostgresGroupDriverOptions;

  constructor(options: PostgresGroupDriverOptions) {
    this.#options = options;
  }

  async create(name: string, definition: CompleteGroupDefinition): Promise<boolean> {
    const { database } = this.#options;
    const from = definition.from === "start" ? 0 : definition.from === "end" ? null : definition.from.after + 1;
    const call = `SELECT definition, head, is_new FROM ${this.#of("create_group")}($1, $2, $3)`;
    const [row] = await database.ask(call, [name, JSON.stringify(definition), from]);
    const [known, head, isNew] = row as TextRow;
    if (known === null) throw new AheadOfLog(`Group ${name}`, (from ?? 0) - 1, Number(head) < 0 ? null : Number(head));
    if (!isDeepStrictEqual(JSON.parse(known as string), JSON.parse(JSON.stringify(definition)))) throw new GroupExists(name);
    return isNew === "t";
  }

  async delete(name: string): Promise<boolean> {
    const { database, channel, origin, onChange } = this.#options;
    const [row] = await database.query(`SELECT ${this.#of("delete_group")}($1, $2, $3)`, [name, channel, origin]);
    const isDeleted = row?.[0] === "t";
    if (isDeleted) onChange();
    return isDeleted;
  }

  async list(): Promise<readonly GroupStatus[]> {
    const rows = await this.#options.database.ask(`${this.#statuses()} ORDER BY g.name`);
    return rows.map(statusOf);
  }

  async status(name: string): Promise<GroupStatus> {
    const [row] = await this.#options.database.ask(`${this.#statuses()} WHERE g.name = $1 COLLATE "C"`, [name]);
    if (row === undefined) throw new GroupNotFound(name);
    return statusOf(row);
  }

  async claim(name: string, { consumer, maxEvents, leaseMs }: ClaimRequest): Promise<Claim> {
    const call = this.#options.database.kept(`SELECT * FROM ${this.#of("claim")}($1, $2, $3, $4)`);
    const rows = await this.#finding(name, this.#options.database.ask(call, [name, consumer, maxEvents, leaseMs]));
    const [again, , fence] = rows[0] ?? [];
    if (fence === null) return { deliveries: [], againInMs: again === null || again === undefined ? null : Number(again) };
    const deliveries = rows.map((row) => {
      const event = new RecordedRow(row, 4);
      const [, attempt, token, until] = row;
      return {
        group: name,
        event,
        position: event.position,
        attempt: Number(attempt),
        fence: Number(token) as Fence,
        until: new Date(Number(until)),
      };
    });
    return { deliveries, againInMs: null };
  }

  async extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): Promise<void> {
    const refs = JSON.stringify(deliveries.map(({ position: place, fence }) => ({ position: place, fence })));
    const call = `SELECT lost_position, lost_fence FROM ${this.#of("extend_deliveries")}($1, $2, $3)`;
    const [row] = await this.#finding(name, this.#options.database.ask(call, [name, refs, leaseMs]));
    const [place, fence] = row as TextRow;
    if (place !== null) throw new DeliveryLost(name, Number(place) as Position, Number(fence) as Fence);
  }

  async parked(name: string, { after, limit }: ParkedRequest): Promise<readonly ParkedDelivery[]> {
    const { database } = this.#options;
    const rows = await database.ask(
      `SELECT n.error, n.attempts, n.parked_at, e.position, e.stream, e.version, e.type, e.schema_version, e.time, e.id, e.content_type, e.metadata, e.data, encode(e.bytes, 'base64')
        FROM ${this.#of("consumer_groups")} g
        LEFT JOIN LATERAL (SELECT * FROM ${this.#of("group_entries")}
          WHERE group_id = g.id AND state = ${parked} AND at = 0 AND position > $2 ORDER BY position LIMIT $3) n ON true
        LEFT JOIN ${this.#of("events")} e ON e.position = n.position
        WHERE g.name = $1 COLLATE "C" ORDER BY n.position`,
      [name, after ?? -1, limit],
    );
    if (rows.length === 0) throw new GroupNotFound(name);
    return rows
      .filter(([error]) => error !== null)
      .map((row) => ({
        event: new RecordedRow(row, 3),
        error: row[0] as string,
        attempts: Number(row[1]),
        parkedAt: new Date(Number(row[2])),
      }));
  }

  async replayParked(name: string, { positions, error, limit }: ReplayRequest): Promise<number> {
    const { database, channel, origin, onChange } = this.#options;
    const call = `SELECT ${this.#of("replay_parked")}($1, $2, $3, $4, $5, $6)`;
    const values = [name, positions === undefined ? null : int8Array(positions), error, limit, channel, origin];
    const [row] = await this.#finding(name, database.query(call, values));
    const count = Number(row?.[0]);
    if (count > 0) onChange();
    return count;
  }

  #of(name: string): string {
    return this.#options.names.of(name);
  }

  #statuses(): string {
    const { names } = this.#options;
    return `SELECT g.name, g.definition, ${headOf(names.of)},
      coalesce((SELECT min(position) FROM ${names.of("group_entries")} WHERE group_id = g.id AND state < ${parked}), g.next),
      c.waiting, c.claimed, c.parked
      FROM ${names.of("consumer_groups")} g
      CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state < ${claimed}) AS waiting, count(*) FILTER (WHERE state = ${claimed}) AS claimed,
        count(*) FILTER (WHERE state = ${parked}) AS parked FROM ${names.of("group_entries")} WHERE group_id = g.id) c`;
  }

  async #finding<T>(name: string, call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if ((error as { readonly cause?: { readonly code?: unknown } }).cause?.code === NO_SUCH_GROUP) throw new GroupNotFound(name);
      throw error;
    }
  }
}

function statusOf([name, definition, head, first, waiting, claimedCount, parkedCount]: TextRow): GroupStatus {
  return {
    name: name as string,
    definition: JSON.parse(definition as string) as GroupStatus["definition"],
    settledUpTo: Number(first) === 0 ? null : position(Number(first) - 1),
    head: Number(head) < 0 ? null : position(Number(head)),
    waiting: Number(waiting),
    claimed: Number(claimedCount),
    parked: Number(parkedCount),
  };
}
