import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cacheReadModels,
  createInMemoryReadModels,
  createQueryBus,
  defineListing,
  defineReadModels,
  Query,
  ReadModelRedefined,
  withRuntime,
  WrongItemVersion,
  type Page,
  type ReadModels,
  type RepositoryOf,
} from "@reactive-domain/foundation";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { createTestRuntime } from "@reactive-domain/testing";
import { expect, onTestFinished, test } from "vitest";

// #region define
interface AccountView {
  readonly accountId: string;
  readonly owner: string;
  readonly balanceCents: number;
  readonly isOpen: boolean;
  readonly lines: readonly { readonly text: string; readonly cents: number }[]; // not open to those who ask
}

const accountViews = defineReadModels("account-views", {
  listing: defineListing({
    key: "accountId",
    fields: { accountId: "string", owner: "string", balanceCents: "number", isOpen: "boolean" },
  }),
  indexes: [["balanceCents"], ["owner"]],
}).holding<AccountView>();
// #endregion

// #region query-class
class Accounts extends Query("Accounts", { schema: accountViews.listing })<Page<AccountView>> {}
// #endregion

const ann: AccountView = { accountId: "a-1", owner: "Ann", balanceCents: 500, isOpen: true, lines: [] };

function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "reactive-domain-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "views.db");
}

async function openAccounts(): Promise<RepositoryOf<typeof accountViews>> {
  return createInMemoryReadModels().repository(accountViews);
}

test("items are put, got and deleted by key", async () => {
  const file = temporaryFile();
  // #region open
  await using views = await openSqliteReadModels(file); // or openPostgresReadModels(url), or createInMemoryReadModels()
  const accounts = await views.repository(accountViews); // its table and indexes are made where they are missing
  // #endregion
  // #region change
  const { version } = await accounts.put(ann);
  const kept = await accounts.get("a-1"); // { item, version }, or undefined
  await accounts.put({ ...ann, balanceCents: 700 }, { expectedVersion: version }); // wrong-item-version where somebody else was first
  const existed = await accounts.delete("a-1");
  // #endregion
  expect(kept).toEqual({ item: ann, version });
  expect(existed).toBe(true);
});

test("a change that meets another one is made again on what is there then", async () => {
  const accounts = await openAccounts();
  await accounts.put(ann);
  // #region decide-again
  async function add(accountId: string, cents: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const kept = await accounts.get(accountId);
      if (kept === undefined) return;
      const item = { ...kept.item, balanceCents: kept.item.balanceCents + cents };
      try {
        await accounts.put(item, { expectedVersion: kept.version });
        return;
      } catch (error) {
        if (!(error instanceof WrongItemVersion) || attempt === 20) throw error;
      }
    }
  }
  // #endregion
  await Promise.all([1, 2, 3, 4].map((cents) => add("a-1", cents)));
  expect((await accounts.get("a-1"))?.item.balanceCents).toBe(510);
});

test("queries are answered by the repository", async () => {
  const accounts = await openAccounts();
  await accounts.put(ann);
  await accounts.put({ ...ann, accountId: "a-2", balanceCents: 900 });
  await accounts.put({ ...ann, accountId: "a-3", isOpen: false });
  const queries = createQueryBus();
  // #region query
  queries.handle(Accounts, (query) => accounts.query(query));

  const richest = await queries.ask(
    new Accounts({
      filter: { isOpen: { eq: true } },
      sort: [{ by: "balanceCents", direction: "desc" }],
      page: { size: 1, total: true },
    }),
  );
  // #endregion
  expect(richest).toMatchObject({ items: [{ accountId: "a-2" }], total: 2 });
});

test("a key of several fields is an object of them", async () => {
  const views = createInMemoryReadModels();
  // #region compound
  const seats = defineReadModels("seats", {
    listing: defineListing({ key: ["hall", "seat"], fields: { hall: "string", seat: "number", guest: "string" } }),
  });
  const repository = await views.repository(seats);
  await repository.put({ hall: "A", seat: 7, guest: "Ann", wishes: ["aisle"] }); // whatever else JSON keeps
  const seat = await repository.get({ hall: "A", seat: 7 });
  // #endregion
  expect(seat?.item).toEqual({ hall: "A", seat: 7, guest: "Ann", wishes: ["aisle"] });
});

test("a cache sees its own changes at once, and those of others when its items are old", async () => {
  const runtime = createTestRuntime();
  await withRuntime(runtime, async () => {
    const accounts = await openAccounts();
    // #region cache
    const cached = cacheReadModels(accounts, { maxItems: 10_000, maxAgeMs: 500 });
    // #endregion
    await cached.put(ann);
    await accounts.put({ ...ann, balanceCents: 1 });
    expect((await cached.get("a-1"))?.item.balanceCents).toBe(500);
    await cached.put({ ...ann, balanceCents: 2 });
    expect((await cached.get("a-1"))?.item.balanceCents).toBe(2);
  });
});

test("a newer schema version stays apart from the older one, which is discarded when nobody has it", async () => {
  const views: ReadModels = createInMemoryReadModels();
  await (await views.repository(accountViews)).put(ann);
  // #region newer
  const newer = defineReadModels("account-views", {
    listing: defineListing({ key: "accountId", fields: { accountId: "string", ownerId: "string" } }),
    schemaVersion: 2,
  });
  const accounts = await views.repository(newer); // empty: fill it from the events, while the older program answers from its own
  await views.discard("account-views", 1); // when nobody runs the older program any more
  // #endregion
  expect((await accounts.query({})).items).toEqual([]);
  const other = defineReadModels("account-views", { listing: accountViews.listing, schemaVersion: 2 });
  await expect(views.repository(other)).rejects.toBeInstanceOf(ReadModelRedefined);
});
