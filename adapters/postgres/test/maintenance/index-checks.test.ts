import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { newEvents } from "@reactive-domain/store-tests";
import { newSchema, postgresServers, withClient } from "@reactive-domain/test-servers";
import { describe, expect, onTestFinished, test } from "vitest";
import { runIn } from "./filled-store.ts";

describe.each(await postgresServers())("indexes of a store on $name", async ({ url }) => {
  const { rows } = await withClient(url, (client) => client.query("SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'"));

  /** The URL of a database of the test's own, with the extension. */
  async function databaseWithAmcheck(): Promise<string> {
    const database = newSchema();
    await withClient(url, (client) => client.query(`CREATE DATABASE ${database}`));
    onTestFinished(() => withClient(url, async (client) => void (await client.query(`DROP DATABASE ${database}`))));
    const own = new URL(url);
    own.pathname = database;
    await withClient(own.href, (client) => client.query("CREATE EXTENSION amcheck"));
    return own.href;
  }

  test.skipIf(rows.length === 0)("are held against their tables where amcheck is installed", { timeout: 60_000 }, async () => {
    const own = await databaseWithAmcheck();
    const store = await openPostgresStore(own);
    await using maintenance = await openPostgresMaintenance(own);
    await store.append("account-1", newEvents(3), { expectedVersion: "noStream" });
    const sound = await maintenance.check();
    expect({ first: sound.laws[0], findings: sound.findings }).toEqual({ first: "storage", findings: [] });

    const isReady = (ready: boolean): string => `UPDATE pg_index SET indisready = ${ready} WHERE indexrelid = 'events_by_type'::regclass;`;
    const insert =
      "INSERT INTO events SELECT 3, 3, time, 1, gen_random_uuid(), stream, category, type, NULL, metadata, data FROM events LIMIT 1;";
    await runIn(own, "reactive_domain", isReady(false) + insert + isReady(true));
    expect((await maintenance.check()).findings).toEqual([
      {
        law: "storage",
        problem: expect.stringMatching(/^PostgreSQL says: heap tuple .* lacks matching index tuple within index "events_by_type"$/),
      },
    ]);
    await store.close();
  });
});
