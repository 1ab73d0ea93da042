import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, test } from "vitest";

describe.each(await postgresServers())("the examples of the README on $name", ({ url: server }) => {
  test("of a store runs", async () => {
    const url = `${server}?schema=${temporarySchema(server)}`;
    // #region example
    await using store = await openPostgresStore(url); // such as postgres://bank@localhost/bank
    const opened = {
      id: crypto.randomUUID(),
      type: "AccountOpened",
      schemaVersion: 1,
      contentType: "application/json",
      data: '{"owner":"Ann"}',
      metadata: "{}",
    };
    await store.append("account-1", [opened], { expectedVersion: "noStream" });

    const lines: string[] = [];
    for await (const event of store.read({ category: "account" })) {
      lines.push(`${event.position} ${event.stream} ${event.version} ${event.type} ${String(event.data)}`);
    }
    // #endregion
    expect(lines).toEqual(['0 account-1 0 AccountOpened {"owner":"Ann"}']);
  });

  test("of a transaction runs", async () => {
    const schema = temporarySchema(server);
    const pool = new pg.Pool({ connectionString: server });
    await using store = await openPostgresStore(pool, { schema });
    await pool.query(`CREATE TABLE ${schema}.balances (account text PRIMARY KEY, amount int)`);
    const { position } = await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    // #region transaction
    await store.transaction(async (client) => {
      await client.query(`INSERT INTO ${schema}.balances (account, amount) VALUES ('account-1', 1)`);
      return [{ kind: "checkpoint", name: "balances", expected: null, position }];
    });
    // #endregion
    expect((await pool.query(`SELECT * FROM ${schema}.balances`)).rows).toEqual([{ account: "account-1", amount: 1 }]);
    expect(await store.checkpoint("balances")).toBe(0);
    await store.close();
    await pool.end();
  });

  test("of maintenance runs", async () => {
    const url = `${server}?schema=${temporarySchema(server)}`;
    // #region maintenance
    await using maintenance = await openPostgresMaintenance(url);
    await maintenance.migrate();
    const { head, checkpoints } = await maintenance.status();
    const { findings } = await maintenance.check({ signal: AbortSignal.timeout(60_000) });
    // #endregion
    expect({ head, checkpoints, findings }).toEqual({ head: null, checkpoints: [], findings: [] });
  });
});
