import {
  createMessageCatalog,
  createQueryBus,
  defineListing,
  Event,
  listFrom,
  metadataKey,
  metadataOf,
  Query,
  type Page,
} from "@reactive-domain/foundation";
import { expect, it } from "vitest";

// #region accounts
interface Account {
  readonly accountId: string;
  readonly owner: string;
  readonly balance: number;
  readonly closedAt?: string; // ISO text
  readonly tags: readonly string[]; // not open to those who ask
}
const accountList = defineListing({
  key: "accountId", // what no two items have in common
  fields: { accountId: "string", owner: "string", balance: "number", closedAt: "string" },
});
class Accounts extends Query("Accounts", { schema: accountList })<Page<Account>> {}
// #endregion

// #region derived
class AccountsOfBranch extends Query("AccountsOfBranch", { extends: Accounts })<{ branch: string }> {}
// #endregion

// #region statement
interface Line {
  readonly text: string;
  readonly amount: number;
}
class Statement extends Query("Statement")<{ accountId: string }, AsyncIterable<Line>> {}
// #endregion

class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
class GiftReceived extends Event("GiftReceived", { extends: AmountDeposited })<{ from: string }> {}

const account = (accountId: string, balance: number): Account => ({ accountId, owner: "Ann", balance, tags: [] });
const accounts = new Map(["a", "b", "c"].map((id, index) => [id, account(id, index * 100)]));

it("a query has one handler and a typed answer", async () => {
  // #region ask
  class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}

  const queries = createQueryBus();
  queries.handle(BalanceOf, ({ accountId }) => ({ balance: accounts.get(accountId)?.balance ?? 0 }));
  const { balance } = await queries.ask(new BalanceOf({ accountId: "b" }));
  // #endregion
  expect(balance).toBe(100);
});

it("a listing is filtered, sorted and paged", async () => {
  const queries = createQueryBus();
  // #region listing
  queries.handle(Accounts, (query) => listFrom(accounts.values(), query, accountList));

  const first = await queries.ask(
    new Accounts({
      filter: { owner: { eq: "Ann" }, closedAt: { eq: null }, or: [{ balance: { gte: 100 } }, { accountId: { startsWith: "vip-" } }] },
      sort: [{ by: "balance", direction: "desc" }],
      page: { size: 1, total: true },
    }),
  );
  // #endregion
  expect(first).toMatchObject({ items: [{ accountId: "c" }], total: 2 });
  const { filter, sort } = new Accounts({ sort: [{ by: "balance", direction: "desc" }] });
  // #region next
  const second = await queries.ask(new Accounts({ filter, sort, page: { size: 1, after: first.next } }));
  // #endregion
  expect(second.items.map(({ accountId }) => accountId)).toEqual(["b"]);
  queries.handle(AccountsOfBranch, (query) => listFrom(query.branch === "north" ? accounts.values() : [], query, accountList));
  expect((await queries.ask(new AccountsOfBranch({ branch: "south" }))).items).toEqual([]);
});

it("a stream is answered bit by bit", async () => {
  const queries = createQueryBus();
  const controller = new AbortController();
  const shown: Line[] = [];
  const show = (line: Line): void => void shown.push(line);
  const read = async function* (accountId: string): AsyncGenerator<AmountDeposited> {
    for (let amount = 1; ; amount++) yield new AmountDeposited({ accountId, amount });
  };
  // #region stream
  queries.handle(Statement, async function* ({ accountId }) {
    for await (const event of read(accountId)) yield { text: "deposit", amount: event.amount };
  });

  for await (const line of queries.stream(new Statement({ accountId: "a" }), { signal: controller.signal })) {
    show(line);
    if (line.amount === 3) break; // ends the handler, whose finally runs
  }
  // #endregion
  expect(shown.map(({ amount }) => amount)).toEqual([1, 2, 3]);
});

it("metadata by key, and a catalog", () => {
  // #region metadata
  const Ip = metadataKey<string>("ip");
  const event = Ip.write(new AmountDeposited({ accountId: "a", amount: 1 }), "192.0.2.1");
  const ip = Ip.read(event); // `metadata-missing` where nobody wrote it; `tryRead` gives undefined
  const same = Ip.tryRead(metadataOf(event)); // as a handler finds it in its context
  // #endregion
  expect([ip, same]).toEqual(["192.0.2.1", "192.0.2.1"]);
  // #region catalog
  const catalog = createMessageCatalog([AmountDeposited, GiftReceived], { context: "banking" });
  catalog.byName("GiftReceived"); // and "banking.GiftReceived": the class, or undefined
  catalog.descendantsOf(AmountDeposited); // [AmountDeposited, GiftReceived]
  catalog.ancestorsOf(GiftReceived); // [GiftReceived, AmountDeposited]
  // #endregion
  expect(catalog.byName("banking.GiftReceived")).toBe(GiftReceived);
});
