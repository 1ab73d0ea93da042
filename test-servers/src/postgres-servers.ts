import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { onTestFinished } from "vitest";
import { askSteward } from "./ask-steward.mjs";

/** A server that many test files use at the same time, each in schemas of its own. */
export interface SharedServer {
  /** Such as `PostgreSQL 18 (embedded)`. */
  readonly name: string;
  readonly url: string;
}

/** The environment variable with the URL of another server, which the tests use beside the embedded one. */
const GIVEN = "REACTIVE_DOMAIN_POSTGRES_URL";

/**
 * The servers of this test run: the embedded one, which the first to ask waits for, and the one that `REACTIVE_DOMAIN_POSTGRES_URL`
 * names, if it is set. Rejects with the reason when one of them cannot be had.
 *
 *     describe.each(await postgresServers())("$name", ({ url }) => …
 */
export async function postgresServers(): Promise<readonly SharedServer[]> {
  const embedded = await askSteward("server");
  if (embedded === undefined) throw new Error("There is no steward of PostgreSQL servers: it is a globalSetup of vitest.config.ts.");
  const given = process.env[GIVEN] ?? "";
  return Promise.all([named(embedded, "embedded"), ...(given === "" ? [] : [named(given, "given")])]);
}

async function named(url: string, origin: string): Promise<SharedServer> {
  try {
    const version = await withClient(url, (client) => client.query<{ server_version: string }>("SHOW server_version"));
    return { name: `PostgreSQL ${Number.parseInt(version.rows[0]?.server_version ?? "", 10)} (${origin})`, url };
  } catch (error) {
    throw new Error(`The ${origin} PostgreSQL server cannot be used: ${String(error)}`, { cause: error });
  }
}

/** A name for a schema that nobody else uses. It is not created. */
export function newSchema(): string {
  return `t_${randomBytes(8).toString("hex")}`;
}

/** A name for a schema that nobody else uses; what is created under it is dropped when the test has finished. */
export function temporarySchema(url: string): string {
  const schema = newSchema();
  onTestFinished(() => dropSchema(url, schema));
  return schema;
}

/** Drops a schema and all that is in it; a schema that does not exist is no error. */
export async function dropSchema(url: string, schema: string): Promise<void> {
  await withClient(url, (client) => client.query(`DROP SCHEMA IF EXISTS ${client.escapeIdentifier(schema)} CASCADE`));
}

/** Runs statements on a connection of their own, which is closed thereafter. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
