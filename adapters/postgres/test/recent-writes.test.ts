import { position, type Position } from "@reactive-domain/core";
import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, it } from "vitest";

const AT_MOST = 3_000;

describe.each(await postgresServers())("the memory of writes without events on $name", ({ url }) => {
  it("forgets what is old, now and then, and keeps what is new", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    const remembered = async (): Promise<readonly string[]> => {
      const { rows } = await withClient(url, (client) =>
        client.query<{ id: string }>(`SELECT id FROM ${schema}.recent_writes ORDER BY id`),
      );
      return rows.map(({ id }) => id);
    };
    const old = "018f0000-0000-7000-8000-000000000000";
    await withClient(url, (client) => client.query(`INSERT INTO ${schema}.recent_writes (id, outcomes) VALUES ($1, '')`, [old]));
    let expected: Position | null = null;
    for (let write = 0; write < AT_MOST; write++) {
      const next: Position | null = expected === null ? position(0) : null;
      await store.write([{ kind: "checkpoint", name: "reader", expected, position: next }]);
      expected = next;
      if (write % 100 === 99 && !(await remembered()).includes(old)) break;
    }
    const left = await remembered();
    expect(left).not.toContain(old);
    expect(left.length).toBeGreaterThanOrEqual(100);
  });
});
