import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { expect, it } from "vitest";

const [server] = await postgresServers();

it("moves a read model and its checkpoint in one transaction", async () => {
  const url = server?.url ?? "";
  const schema = temporarySchema(url);
  await using store = await openPostgresStore(url, { schema });
  await store.append("account-1", [newEvent(), newEvent(), newEvent()], { expectedVersion: "noStream" });
  await withClient(url, (client) => client.query(`CREATE TABLE ${schema}.balances (account text PRIMARY KEY, amount bigint NOT NULL)`));
  await follow();
  await follow();
  const { rows } = await withClient(url, (client) => client.query(`SELECT account, amount FROM ${schema}.balances`));
  expect(rows).toEqual([{ account: "account-1", amount: "3" }]);

  async function follow(): Promise<void> {
    // #region transaction
    const name = "balances";
    let expected = await store.checkpoint(name);
    for await (const event of store.read({ category: "account" }, expected === null ? {} : { from: { after: expected } })) {
      const { amount } = JSON.parse(event.data as string) as { amount: number };
      const from = expected;
      await store.transaction(async (client) => {
        await client.query(
          `INSERT INTO ${schema}.balances AS b (account, amount) VALUES ($1, $2) ON CONFLICT (account) DO UPDATE SET amount = b.amount + $2`,
          [event.stream, amount],
        );
        return [{ kind: "checkpoint", name, expected: from, position: event.position }];
      });
      expected = event.position;
    }
    // #endregion
  }
});
