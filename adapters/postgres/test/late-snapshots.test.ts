import { openPostgresMaintenance } from "@reactive-domain/postgres";
import { newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "../src/schema/migrations.ts";
import { makeOldSchema } from "./old-schema.ts";
import { openedStore } from "./opened-store.ts";

const BEFORE = 5;
const stream = "account-1";

describe.each(await postgresServers())("snapshots that come behind the deletion of their stream on $name", ({ url }) => {
  it("are passed over in stores, too, that were made before they were", async () => {
    const schema = temporarySchema(url);
    await makeOldSchema(url, schema, BEFORE);
    const decideText = async (): Promise<string> => {
      const text = `SELECT pg_get_functiondef('${schema}.decide'::regproc) AS text`;
      return (await withClient(url, (client) => client.query<{ text: string }>(text))).rows[0]?.text ?? "";
    };
    const before = await decideText();
    await using maintenance = await openPostgresMaintenance(url, { schema });
    expect(await maintenance.status()).toMatchObject({ schema: { version: BEFORE, newest: MIGRATIONS.length } });
    expect(await maintenance.migrate()).toEqual({ from: BEFORE, to: MIGRATIONS.length });
    expect((await maintenance.check()).findings).toEqual([]);
    expect(before).not.toContain("deleted_before > ");
    expect(await decideText()).toContain("deleted_before > ");
    const store = await openedStore(url, { schema });
    const put = async (version: number): Promise<number | undefined> => {
      const content = { schemaVersion: 1, hash: "h", contentType: "application/json", data: "{}" };
      await store.write([{ kind: "snapshot", name: stream, version, ...content }]);
      return (await store.snapshot(stream))?.version;
    };
    await store.append(stream, newEvents(2), { expectedVersion: "noStream" });
    expect(await put(1)).toBe(1);
    await store.write([{ kind: "delete", stream, expectedVersion: "any" }]);
    expect(await put(1)).toBeUndefined();
    await store.append(stream, newEvents(1), { expectedVersion: "noStream" });
    expect(await put(1)).toBeUndefined();
    expect(await put(2)).toBe(2);
  });
});
