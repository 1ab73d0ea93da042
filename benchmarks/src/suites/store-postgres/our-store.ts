import { openPostgresStore, type PostgresEventStore } from "@reactive-domain/postgres";
import { connect, dropTable } from "../../../floors/store-postgres-table.mjs";
import { schemaOf } from "./place.ts";

/** Runs work with a new store of ours, whose schema is dropped. */
export async function withStore<T>(
  url: string,
  purpose: string,
  work: (store: PostgresEventStore, schema: string) => Promise<T>,
): Promise<T> {
  const schema = schemaOf(purpose);
  try {
    await using store = await openPostgresStore(url, { schema });
    return await work(store, schema);
  } finally {
    await dropSchema(url, schema);
  }
}

export async function dropSchema(url: string, schema: string): Promise<void> {
  const client = await connect(url);
  try {
    await dropTable(client, schema);
  } finally {
    await client.end();
  }
}

/** Runs SQL on the server. */
export async function runSql(url: string, sql: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
