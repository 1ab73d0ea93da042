import { defineListing } from "@reactive-domain/messaging";
import { defineReadModels } from "@reactive-domain/persistence";
import { openPostgresReadModels } from "@reactive-domain/postgres";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

const accounts = defineReadModels("account-views", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", owner: "string", balance: "number" } }),
  indexes: [["balance"], ["owner", "balance"]],
});

const ITEMS = 20_000;
/** A page has 50 items; a little more may be looked at, but not the table. */
const MOST_ROWS = 200;

const cursor = (...place: readonly unknown[]): string => Buffer.from(JSON.stringify(place)).toString("base64url");

const LISTINGS: readonly object[] = [
  {},
  { page: { after: cursor("accountId", "a-5000") } },
  { filter: { accountId: { startsWith: "a-123" } } },
  { filter: { accountId: { in: ["a-1", "a-2"] } } },
  { filter: { owner: { eq: "o-7" } }, sort: [{ by: "balance" }] },
  { filter: { owner: { eq: null } }, sort: [{ by: "balance" }] },
  { filter: { owner: { startsWith: "o-77" }, balance: { gte: 0 } }, sort: [{ by: "owner" }] },
  { filter: { balance: { gt: 100, lt: 102 } } },
  { sort: [{ by: "balance" }] },
  { sort: [{ by: "balance" }], page: { after: cursor("balance, accountId", 5_000, "a-5") } },
  { sort: [{ by: "balance", direction: "desc" }] },
  { sort: [{ by: "balance", direction: "desc" }], page: { after: cursor("balance desc, accountId", 5_000, "a-5") } },
  {
    sort: [
      { by: "owner", direction: "desc" },
      { by: "balance", direction: "desc" },
    ],
    page: { after: cursor("owner desc, balance desc, accountId", "o-500", 2, "a-5") },
  },
];

interface Plan {
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Node Type": string;
  readonly Plans?: readonly Plan[];
}

/** How many rows each step looks at, at most. */
function mostRows(plan: Plan): number {
  const own = (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0)) * plan["Actual Loops"];
  return Math.max(own, ...(plan.Plans ?? []).map(mostRows));
}

function isQuestion(one: unknown): one is { readonly text: string; readonly values: unknown[] } {
  return typeof one === "object" && one !== null && "text" in one && String(one.text).startsWith("SELECT _item");
}

describe.each(await postgresServers())("on $name", ({ url }) => {
  test("listings that an index is for look at little more than they show", async () => {
    const schema = temporarySchema(url);
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    onTestFinished(() => pool.end());
    await using models = await openPostgresReadModels(pool, { schema });
    const repository = await models.repository(accounts);
    await pool.query(`INSERT INTO ${schema}.account_views_v1 ("accountId", owner, balance, _version, _item)
      SELECT 'a-' || n, CASE WHEN n % 100 = 0 AND n < 10000 THEN NULL ELSE 'o-' || n % 1000 END, n / 2, n, '{}' FROM generate_series(1, ${ITEMS}) AS n`);
    await pool.query(`ANALYZE ${schema}.account_views_v1`);
    const spy = vi.spyOn(pg.Client.prototype, "query");
    onTestFinished(() => spy.mockRestore());
    // Items of the fill are no items: only the questions count.
    for (const listing of LISTINGS) await repository.query(listing).catch(() => undefined);
    const asked: readonly unknown[] = spy.mock.calls.map(([one]) => one);
    const questions = asked.flatMap((one) => (isQuestion(one) ? [one] : []));
    expect(questions).toHaveLength(LISTINGS.length);
    for (const [nth, { text, values }] of questions.entries()) {
      const { rows } = await pool.query<{ readonly "QUERY PLAN": readonly [{ readonly Plan: Plan }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        values,
      );
      const plan = rows[0]?.["QUERY PLAN"][0].Plan;
      const most = plan === undefined ? Infinity : mostRows(plan);
      expect({ listing: LISTINGS[nth], isThrifty: most <= MOST_ROWS, most }).toMatchObject({ isThrifty: true });
    }
  });
});
