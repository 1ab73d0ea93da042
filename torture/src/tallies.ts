import {
  defineListing,
  defineReadModels,
  projectDocuments,
  projectTables,
  type EventContext,
  type Projection,
  type TableContext,
} from "@reactive-domain/foundation";
import { EntryMade, Transferred } from "./context.ts";
import { hashOf } from "./random.ts";
import { TYPES, type Work } from "./workload.ts";

/** As much of a connection as the projections use, of better-sqlite3 and of pg. */
export type Connection = SqliteConnection | PostgresConnection;

interface SqliteConnection {
  prepare(sql: string): { run(): unknown; get(): unknown };
}

interface PostgresConnection {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/** How often events of a key were counted, and which in what order. */
export interface Tally {
  readonly key: string;
  readonly events: number;
  /** A hash of their positions, one behind the other. */
  readonly chain: number;
  /** The position of the last one. */
  readonly last: number;
}

type Counted = Pick<Tally, "events" | "chain">;

/** What a tally is with one more event. */
export function counted(before: Counted | undefined, key: string, position: number): Tally {
  const { events = 0, chain = 0 } = before ?? {};
  return { key, events: events + 1, chain: hashOf(`${chain} ${position}`), last: position };
}

const KEYS_PER_STREAM = 4;

/** Finer than streams: what waits behind a parked event is not all of a stream. */
export function tallyKey(stream: string, { key }: Pick<Work, "key">): string {
  return `${stream}.${hashOf(key) % KEYS_PER_STREAM}`;
}

/** Whether the tallies count an event. */
export function isTallied({ type }: { readonly type: string }): boolean {
  return type === TYPES.entry || type === TYPES.transfer;
}

/** Tallies kept as items. */
export const TALLIES = defineReadModels("tallies", {
  listing: defineListing({ key: "key", fields: { key: "string", events: "number", last: "number" } }),
}).holding<Tally>();
/** Tallies kept in a table. */
export const SUMS = "sums";
export const PROJECTIONS: readonly string[] = [TALLIES.name, SUMS];

/** What a handler does beside its work, which may fail. */
export type Meddling = (event: Work) => void;

/** The projections, both of the same events. */
export function projectionsWith(meddle: Meddling): readonly Projection<Connection>[] {
  return [tallies(meddle), sums(meddle)];
}

function tallies(meddle: Meddling): Projection<Connection> {
  const keyOf = (event: Work, { stream }: EventContext): string => tallyKey(stream, event);
  const fold = (tally: Tally | undefined, event: Work, { stream, position }: EventContext): Tally => {
    meddle(event);
    return counted(tally, tallyKey(stream, event), position);
  };
  return projectDocuments(TALLIES).on(EntryMade, keyOf, fold).on(Transferred, keyOf, fold);
}

function sums(meddle: Meddling): Projection<Connection> {
  const count = (event: Work, context: TableContext<Connection>): unknown => {
    const done = countIn(context, tallyKey(context.stream, event), context.position);
    return done === undefined ? meddle(event) : done.then(() => meddle(event));
  };
  return projectTables<Connection>(SUMS, {
    tables: [SUMS],
    create: ({ connection, table }) =>
      execute(
        connection,
        `CREATE TABLE ${table(SUMS)} (key TEXT PRIMARY KEY, events BIGINT NOT NULL, chain BIGINT NOT NULL, last BIGINT NOT NULL)`,
      ),
    keyOf: (event, { stream }) => tallyKey(stream, event as EntryMade | Transferred),
    forget: (key, { connection, table }) => execute(connection, `DELETE FROM ${table(SUMS)} WHERE key = '${key}'`),
  })
    .on(EntryMade, count)
    .on(Transferred, count);
}

function execute(connection: Connection, sql: string): unknown {
  return "prepare" in connection ? connection.prepare(sql).run() : connection.query(sql);
}

/** Reads a row and writes it: what is done in two steps may be done by half. */
function countIn({ connection, table }: TableContext<Connection>, key: string, position: number): Promise<unknown> | undefined {
  const select = `SELECT events, chain FROM ${table(SUMS)} WHERE key = '${key}'`;
  const change = (row: unknown): string => {
    const before = row === undefined ? undefined : countsOf(row);
    const { events, chain } = counted(before, key, position);
    return (
      `INSERT INTO ${table(SUMS)} (key, events, chain, last) VALUES ('${key}', ${events}, ${chain}, ${position}) ` +
      "ON CONFLICT (key) DO UPDATE SET events = excluded.events, chain = excluded.chain, last = excluded.last"
    );
  };
  if (!("prepare" in connection)) return connection.query(select).then(({ rows }) => connection.query(change(rows[0])));
  connection.prepare(change(connection.prepare(select).get())).run();
  return undefined;
}

/** A server tells numbers of 64 bits as text. */
function countsOf(row: unknown): Counted {
  const { events, chain } = row as Readonly<Record<keyof Counted, unknown>>;
  return { events: Number(events), chain: Number(chain) };
}

/** A row of the table as a tally. */
export function tallyOf(row: Readonly<Record<string, unknown>>): Tally {
  return { ...countsOf(row), key: String(row["key"]), last: Number(row["last"]) };
}
