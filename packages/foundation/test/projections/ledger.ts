import { projectTables, type ReadModels, type TablePlace, type TableProjectionOptions } from "@reactive-domain/foundation";
import { AccountOpened, AmountDeposited, AmountWithdrawn } from "../banking.ts";

/** As much of a connection as is used here, of better-sqlite3 and of pg. */
interface Sqlite {
  prepare(sql: string): { run(): unknown; all(): readonly Row[] };
}
interface Postgres {
  query(sql: string): Promise<{ readonly rows: readonly Row[] }>;
}
export type Connection = Sqlite | Postgres;

type Row = Readonly<Record<string, unknown>>;

/** Runs SQL that both know: at once in SQLite. */
function execute(connection: Connection, sql: string): unknown {
  return "prepare" in connection ? connection.prepare(sql).run() : connection.query(sql);
}

/** What a test has a handler do beside its work. */
export type Meddling = (amount: number, place: TablePlace<Connection>) => unknown;

/** The projection of accounts to a table of what they hold. */
export function ledgerWith(meddle: Meddling = () => undefined, options: Partial<TableProjectionOptions<Connection>> = {}) {
  return projectTables<Connection>("ledger", {
    tables: ["ledger"],
    create: ({ connection, table }) =>
      execute(
        connection,
        `CREATE TABLE ${table("ledger")} (account TEXT PRIMARY KEY, owner TEXT, cents INTEGER NOT NULL, entries INTEGER NOT NULL)`,
      ),
    forget: (key, { connection, table }) =>
      execute(connection, `DELETE FROM ${table("ledger")} WHERE account = '${key.split("account-")[1]}'`),
    ...options,
  })
    .on(AccountOpened, ({ accountId, owner }, { connection, table }) =>
      execute(connection, `INSERT INTO ${table("ledger")} (account, owner, cents, entries) VALUES ('${accountId}', '${owner}', 0, 0)`),
    )
    .on(AmountDeposited, ({ accountId, amount }, place) => {
      const { connection, table } = place;
      const done = execute(
        connection,
        `INSERT INTO ${table("ledger")} AS l (account, cents, entries) VALUES ('${accountId}', ${amount}, 1) ` +
          `ON CONFLICT (account) DO UPDATE SET cents = l.cents + excluded.cents, entries = l.entries + 1`,
      );
      return done instanceof Promise ? done.then(() => meddle(amount, place)) : meddle(amount, place);
    })
    .on(AmountWithdrawn, ({ accountId, amount }, { connection, table }) =>
      execute(connection, `UPDATE ${table("ledger")} SET cents = cents - ${amount}, entries = entries + 1 WHERE account = '${accountId}'`),
    );
}

/** All rows of the live ledger, as somebody sees them who knows nothing of projections. */
export async function ledgerIn(views: ReadModels<Connection>): Promise<readonly Row[]> {
  let rows: readonly Row[] = [];
  const look = { tables: ["look"], name: "look" };
  await views.projections.define({
    name: look.name,
    version: 1,
    shape: {
      kind: "tables",
      tables: look.tables,
      create: (connection, table) => execute(connection, `CREATE TABLE ${table("look")} (number INTEGER)`),
    },
  });
  const acquired = await views.projections.acquire({ projection: look.name, generation: 1, worker: "somebody", leaseMs: 60_000 });
  if ("heldBy" in acquired) throw new Error(`held by ${acquired.heldBy}`);
  const sql = "SELECT account, owner, cents, entries FROM ledger ORDER BY account";
  await views.projections.commit({
    projection: look.name,
    generation: 1,
    fence: acquired.fence,
    revision: acquired.record.revision,
    moves: [],
    handled: 0,
    entries: [],
    settled: [],
    work: (connection, table) => {
      const qualified = sql.replace("FROM ledger", `FROM ${table("look").replace("look", "ledger")}`);
      if ("prepare" in connection) rows = connection.prepare(qualified).all();
      else return connection.query(qualified).then((result) => void (rows = result.rows));
      return undefined;
    },
  });
  return rows.map(({ account, owner, cents, entries }) => ({ account, owner, cents: Number(cents), entries: Number(entries) }));
}
