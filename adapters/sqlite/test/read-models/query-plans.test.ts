import { defineListing } from "@reactive-domain/messaging";
import { defineReadModels, type RepositoryOf } from "@reactive-domain/persistence";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import Database from "better-sqlite3";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFile } from "../temporary-file.ts";
import { withDatabase } from "../with-database.ts";

const accounts = defineReadModels("account-views", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", owner: "string", balance: "number" } }),
  indexes: [["balance"], ["owner", "balance"]],
});
type Asked = Parameters<RepositoryOf<typeof accounts>["query"]>[0];

const AT = Buffer.from(JSON.stringify(["balance, accountId", 5, "a-1"])).toString("base64url");
const DOWN = Buffer.from(JSON.stringify(["balance desc, accountId", 5, "a-1"])).toString("base64url");

/** What a plan of each listing begins with. */
const LISTINGS: readonly { readonly asked: Asked; readonly begins: RegExp; readonly sorts?: RegExp }[] = [
  { asked: {}, begins: /SCAN account_views_v1 USING INDEX sqlite_autoindex/ },
  { asked: { filter: { accountId: { startsWith: "a-" } } }, begins: /SEARCH .* \(accountId>\? AND accountId<\?\)/ },
  { asked: { filter: { accountId: { in: ["a", "b"] } } }, begins: /SEARCH .* \(accountId=\?\)/ },
  { asked: { filter: { owner: { eq: "Ann" } }, sort: [{ by: "balance" }] }, begins: /SEARCH .* \(owner=\?\)/ },
  { asked: { filter: { owner: { eq: null } }, sort: [{ by: "balance" }] }, begins: /SEARCH .* \(owner=\?\)/ },
  { asked: { filter: { owner: { eq: "Ann" }, balance: { gte: 5 } }, sort: [{ by: "balance" }] }, begins: /\(owner=\? AND balance>\?\)/ },
  { asked: { filter: { balance: { gt: 1, lt: 2 } }, sort: [{ by: "balance" }] }, begins: /\(balance>\? AND balance<\?\)/ },
  { asked: { sort: [{ by: "balance" }] }, begins: /SCAN .* USING INDEX account_views_v1_ix/ },
  { asked: { sort: [{ by: "balance" }], page: { after: AT } }, begins: /SEARCH .* \(balance>\?\)/ },
  { asked: { sort: [{ by: "balance", direction: "desc" }] }, begins: /SCAN .* USING INDEX account_views_v1_ix/, sorts: /LAST TERM/ },
  {
    asked: { sort: [{ by: "balance", direction: "desc" }], page: { after: DOWN } },
    begins: /SEARCH .* \(balance<\?\)/,
    sorts: /FOR ORDER BY|LAST TERM/,
  },
];

test("listings that an index is for are entered at their beginning, and are not sorted but by the key among equals", async () => {
  const path = temporaryFile();
  const prepared: string[] = [];
  const { prepare } = Database.prototype;
  const spy = vi.spyOn(Database.prototype, "prepare").mockImplementation(function (this: Database.Database, sql: string) {
    prepared.push(sql);
    return prepare.call(this, sql);
  });
  onTestFinished(() => spy.mockRestore());
  await using models = await openSqliteReadModels(path);
  const repository = await models.repository(accounts);
  const plans: (readonly string[])[] = [];
  for (const { asked } of LISTINGS) {
    prepared.length = 0;
    await repository.query(asked);
    plans.push(withDatabase(path, (database) => prepared.flatMap((sql) => planOf(database, sql))));
  }
  for (const [nth, { begins, sorts }] of LISTINGS.entries()) {
    expect(plans[nth]?.join("; ")).toMatch(begins);
    expect(plans[nth]?.filter((step) => step.includes("TEMP B-TREE") && !(sorts?.test(step) ?? false))).toEqual([]);
  }
});

function planOf(database: Database.Database, sql: string): readonly string[] {
  if (!sql.startsWith("SELECT _item")) return [];
  const values = [...sql.matchAll(/[?]/g)].map(() => 1);
  return database
    .prepare<unknown[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map(({ detail }) => detail);
}
