import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { newEvents } from "@reactive-domain/store-tests";
import { newSchema, postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { filledStore, runIn } from "./filled-store.ts";

vi.setConfig({ testTimeout: 60_000 });

describe.each(await postgresServers())("a vacuum of a PostgreSQL store on $name", ({ url }) => {
  test("frees what a scavenge left, while others read and write", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    await store.append("account-2", newEvents(2), { expectedVersion: "noStream" });
    await store.append("account-1", newEvents(2_000), { expectedVersion: "noStream" });
    await store.write([{ kind: "delete", stream: "account-1", expectedVersion: "exists" }]);
    await store.scavenge();
    await using maintenance = await openPostgresMaintenance(url, { schema });
    const [{ before, after }] = await Promise.all([
      maintenance.vacuum(),
      store.append("account-2", newEvents(1), { expectedVersion: "exists" }),
    ]);
    expect(before).toBeGreaterThan(500_000);
    expect(await maintenance.status()).toMatchObject({ size: { bytes: after }, events: { count: 3 } });
    expect((await maintenance.check()).findings).toEqual([]);
    await store.append("account-3", newEvents(1_000), { expectedVersion: "noStream" });
    expect((await maintenance.status()).size.bytes).toBeLessThan(1.2 * after);
  });

  test("can be given up while it waits for a lock", async () => {
    const schema = await filledStore(url);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    await withClient(url, async (client) => {
      await client.query(`BEGIN; LOCK TABLE ${schema}.events IN SHARE UPDATE EXCLUSIVE MODE`);
      const controller = new AbortController();
      const vacuuming = maintenance.vacuum({ signal: controller.signal });
      setTimeout(() => controller.abort(new Error("Enough.")), 100);
      await expect(vacuuming).rejects.toThrow("Enough.");
    });
  });

  test("is refused where the tables are somebody else's", async () => {
    const schema = await filledStore(url);
    const role = newSchema();
    await withClient(url, (client) => client.query(`CREATE ROLE ${role} LOGIN`));
    onTestFinished(() => withClient(url, async (client) => void (await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`))));
    await runIn(url, schema, `GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
    const theirs = new URL(url);
    theirs.username = role;
    theirs.password = "secret";
    await using maintenance = await openPostgresMaintenance(theirs.href, { schema });
    await expect(maintenance.vacuum()).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringContaining("let the owner of its tables do it"),
    });
  });
});
