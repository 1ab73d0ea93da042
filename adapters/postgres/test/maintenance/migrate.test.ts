import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { MIGRATIONS } from "../../src/schema/migrations.ts";

vi.setConfig({ testTimeout: 60_000 });

describe.each(await postgresServers())("migrating a PostgreSQL store on $name", ({ url }) => {
  test("makes a new one, and a second time there is nothing to do", async () => {
    const schema = temporarySchema(url);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    const newest = MIGRATIONS.length;
    expect(await maintenance.migrate()).toEqual({ from: 0, to: newest });
    expect(await maintenance.migrate()).toEqual({ from: newest, to: newest });
    expect(await maintenance.check()).toMatchObject({ findings: [] });
    await (await openPostgresStore(url, { schema, autoMigrate: false })).close();
  });

  test("is done once where several begin at the same time, and all end well", async () => {
    const schema = temporarySchema(url);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    const results = await Promise.all([1, 2, 3].map(() => maintenance.migrate()));
    expect(results.map(({ from }) => from).toSorted((one, other) => one - other)).toEqual([0, MIGRATIONS.length, MIGRATIONS.length]);
  });

  test("waits for others no longer than is allowed", async () => {
    const schema = temporarySchema(url);
    await using maintenance = await openPostgresMaintenance(url, { schema, busyTimeoutMs: 50 });
    await withClient(url, async (client) => {
      await client.query("SELECT pg_advisory_lock(hashtextextended('reactive-domain migrations', 0))");
      await expect(maintenance.migrate()).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    });
    // Other stores of the database are migrated under the same lock.
    await using patient = await openPostgresMaintenance(url, { schema });
    expect(await patient.migrate()).toMatchObject({ from: 0 });
  });

  test("can be given up while it waits", async () => {
    const schema = temporarySchema(url);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    await withClient(url, async (client) => {
      await client.query("SELECT pg_advisory_lock(hashtextextended('reactive-domain migrations', 0))");
      const controller = new AbortController();
      const migrating = maintenance.migrate({ signal: controller.signal });
      setTimeout(() => controller.abort(new Error("Enough.")), 100);
      await expect(migrating).rejects.toThrow("Enough.");
    });
  });

  test("can be done by somebody else, with the SQL that is told", async () => {
    const schema = temporarySchema(url);
    await using maintenance = await openPostgresMaintenance(url, { schema, tablePrefix: "bank_" });
    const sql = await maintenance.migrationSql();
    expect(sql).toMatch(/^BEGIN;\n[^]*CREATE TABLE [^]*\nCOMMIT;\n$/);
    await expect(openPostgresStore(url, { schema, tablePrefix: "bank_", autoMigrate: false })).rejects.toMatchObject({
      code: "foreign-store",
    });
    await withClient(url, (client) => client.query(sql));
    expect(await maintenance.migrationSql()).toBe("");
    expect(await maintenance.check()).toMatchObject({ findings: [] });
    await using store = await openPostgresStore(url, { schema, tablePrefix: "bank_", autoMigrate: false });
    expect(await store.append("account-1", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ position: 0 });
  });
});
