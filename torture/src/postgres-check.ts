import { withClient } from "@reactive-domain/test-servers";

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

interface IndexFacts {
  readonly name: string;
  readonly table: string;
  readonly is_valid: boolean;
  readonly columns: string;
  readonly predicate: string;
}

const TABLES = `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' ORDER BY 1`;

const INDEXES = `SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table, i.indisvalid AND i.indisready AS is_valid,
    (SELECT string_agg(pg_get_indexdef(i.indexrelid, n, true), ', ' ORDER BY n) FROM generate_series(1, i.indnkeyatts) n) AS columns,
    coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') AS predicate
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = $1::regnamespace ORDER BY 1`;

const ONLY_INDEXES = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off";
const ONLY_HEAP = "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off";

/**
 * What is wrong with the tables and indexes of a schema: as amcheck sees them where the server has it and the user may make it an extension, which is undone;
 * otherwise as rows of tables and of indexes differ in number.
 */
export async function databaseProblems(url: string, schema: string): Promise<readonly string[]> {
  return withClient(url, async (client) => {
    await client.query("BEGIN");
    const tables = (await client.query<{ name: string }>(TABLES, [schema])).rows.map(({ name }) => name);
    const indexes = (await client.query<IndexFacts>(INDEXES, [schema])).rows;
    const invalid = indexes.filter(({ is_valid }) => !is_valid).map(({ name }) => `the index ${name} is not valid`);
    const amcheck = await amcheckIn(client, schema);
    const problems =
      amcheck === undefined ? await countProblems(client, indexes) : await amcheckProblems(client, { amcheck, tables, indexes });
    await client.query("ROLLBACK");
    return [...invalid, ...problems];
  });
}

/** The schema with the functions of amcheck. */
async function amcheckIn(client: Client, schema: string): Promise<string | undefined> {
  const { rows } = await client.query<{ schema: string }>(
    "SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'amcheck'",
  );
  if (rows[0] !== undefined) return rows[0].schema;
  return (await failureOf(client, `CREATE EXTENSION amcheck SCHEMA ${schema}`)) === undefined ? schema : undefined;
}

interface Checked {
  readonly amcheck: string;
  readonly tables: readonly string[];
  readonly indexes: readonly IndexFacts[];
}

async function amcheckProblems(client: Client, { amcheck, tables, indexes }: Checked): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { name } of indexes) {
    const failure = await failureOf(client, `SELECT ${amcheck}.bt_index_parent_check('${name}', true, true)`);
    if (failure !== undefined) problems.push(`amcheck of ${name}: ${failure}`);
  }
  for (const table of tables) {
    const { rows } = await client.query<{ blkno: string; msg: string }>(`SELECT blkno, msg FROM ${amcheck}.verify_heapam('${table}')`);
    problems.push(...rows.map(({ blkno, msg }) => `amcheck of ${table}, block ${blkno}: ${msg}`));
  }
  return problems;
}

async function countProblems(client: Client, indexes: readonly IndexFacts[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { name, table, columns, predicate } of indexes) {
    const rows = `SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE ${predicate} ORDER BY ${columns} OFFSET 0) s`;
    const [indexed, there] = [await countBy(client, ONLY_INDEXES, rows), await countBy(client, ONLY_HEAP, rows)];
    if (indexed !== there) problems.push(`the index ${name} has ${indexed} of the ${there} rows of ${table}`);
  }
  return problems;
}

async function countBy(client: Client, settings: string, query: string): Promise<number> {
  await client.query("SAVEPOINT settings");
  await client.query(settings);
  const { rows } = await client.query<{ count: string }>(query);
  await client.query("ROLLBACK TO SAVEPOINT settings");
  return Number(rows[0]?.count);
}

/** What a statement fails with, without harm to the transaction that it is in. */
async function failureOf(client: Client, statement: string): Promise<string | undefined> {
  await client.query("SAVEPOINT statement");
  try {
    await client.query(statement);
    return undefined;
  } catch (error) {
    await client.query("ROLLBACK TO SAVEPOINT statement");
    return (error as Error).message;
  }
}
