import { AlreadyClosed, InvalidArgument } from "@reactive-domain/core";
import { defineListing, InvalidMessage, listFrom, Query, type Page } from "@reactive-domain/messaging";
import { defineReadModels, NotSerializable, ReadModelRedefined, WrongItemVersion } from "@reactive-domain/persistence";
import { createInMemoryReadModels } from "@reactive-domain/persistence/in-memory";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, test } from "vitest";
import { account, accountViews, seats, type AccountView } from "./account-views.ts";

type AccountRow = Required<Omit<AccountView, "lines">>;

const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe.each(everyReadModels)("read models in $name", ({ open }) => {
  test("an item that was put is got as it was, with the version that putting it gave", async () => {
    const accounts = await (await open()).repository(accountViews);
    const item = account("a-1", { owner: "Ünïcödé 😀 \"'`", balanceCents: -0.1, lines: [{ text: "x" }] });
    const { version } = await accounts.put(item);
    expect(await accounts.get("a-1")).toEqual({ item, version });
    expect(await accounts.get("a-2")).toBeUndefined();
  });

  test("an item that is put again takes the place of the first, under a greater version", async () => {
    const accounts = await (await open()).repository(accountViews);
    const first = await accounts.put(account("a-1", { owner: "Ann" }));
    const second = await accounts.put(account("a-1", { owner: null }));
    expect(second.version).toBeGreaterThan(first.version);
    expect(await accounts.get("a-1")).toEqual({ item: account("a-1", { owner: null }), version: second.version });
    const { items } = await accounts.query({ page: { total: true } });
    expect(items).toEqual([account("a-1", { owner: null })]);
  });

  test("a change is made only at the version that it expects; a conflict tells key and versions, is retryable, and changes nothing", async () => {
    const accounts = await (await open()).repository(accountViews);
    const missing = await failure(accounts.put(account("a-1"), { expectedVersion: 7 }));
    expect(missing).toBeInstanceOf(WrongItemVersion);
    expect(missing).toMatchObject({
      code: "wrong-item-version",
      retryable: true,
      details: { readModel: "account-views", key: { accountId: "a-1" }, expected: 7, actual: null },
    });
    const { version } = await accounts.put(account("a-1"), { expectedVersion: "none" });
    expect(await failure(accounts.put(account("a-1", { owner: "Bob" }), { expectedVersion: "none" }))).toMatchObject({
      expected: "none",
      actual: version,
    });
    expect(await failure(accounts.put(account("a-1", { owner: "Bob" }), { expectedVersion: version + 1 }))).toMatchObject({
      actual: version,
    });
    expect(await failure(accounts.delete("a-1", { expectedVersion: version + 1 }))).toMatchObject({
      expected: version + 1,
      actual: version,
    });
    expect(await failure(accounts.delete("a-1", { expectedVersion: "none" }))).toMatchObject({ expected: "none", actual: version });
    expect(await failure(accounts.delete("a-2", { expectedVersion: 1 }))).toMatchObject({ key: { accountId: "a-2" }, actual: null });
    expect(await accounts.get("a-1")).toEqual({ item: account("a-1"), version });
    const next = await accounts.put(account("a-1", { owner: "Bob" }), { expectedVersion: version });
    expect(await accounts.get("a-1")).toEqual({ item: account("a-1", { owner: "Bob" }), version: next.version });
    expect(await accounts.delete("a-1", { expectedVersion: next.version })).toBe(true);
    expect(await accounts.get("a-1")).toBeUndefined();
  });

  test("a deletion tells whether there was an item, and one that must not be there may be missing", async () => {
    const accounts = await (await open()).repository(accountViews);
    expect(await accounts.delete("a-1")).toBe(false);
    expect(await accounts.delete("a-1", { expectedVersion: "none" })).toBe(false);
    await accounts.put(account("a-1"));
    await accounts.put(account("a-2"));
    expect(await accounts.delete("a-1")).toBe(true);
    expect(await accounts.get("a-1")).toBeUndefined();
    expect(await accounts.get("a-2")).toBeDefined();
    const { items, total } = await accounts.query({ page: { total: true } });
    expect([items, total]).toEqual([[account("a-2")], 1]);
  });

  test("an item that was deleted and put again has no version that it had before", async () => {
    const accounts = await (await open()).repository(accountViews);
    const { version } = await accounts.put(account("a-1"));
    await accounts.delete("a-1");
    const again = await accounts.put(account("a-1"), { expectedVersion: "none" });
    expect(again.version).toBeGreaterThan(version);
    expect(await failure(accounts.put(account("a-1"), { expectedVersion: version }))).toBeInstanceOf(WrongItemVersion);
  });

  test("of writers that expect the same version exactly one wins, and so of those that expect none", async () => {
    const accounts = await (await open()).repository(accountViews);
    const race = async (expectedVersion: number | "none"): Promise<number> => {
      const puts = Array.from({ length: 8 }, (_, nth) => accounts.put(account("a-1", { balanceCents: nth }), { expectedVersion }));
      const settled = await Promise.allSettled(puts);
      const won = settled.flatMap((one, nth) => (one.status === "fulfilled" ? [{ nth, version: one.value.version }] : []));
      const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
      expect(won).toHaveLength(1);
      expect(refused.every((error) => error instanceof WrongItemVersion)).toBe(true);
      expect(await accounts.get("a-1")).toEqual({ item: account("a-1", { balanceCents: won[0]?.nth ?? -1 }), version: won[0]?.version });
      return won[0]?.version ?? 0;
    };
    const first = await race("none");
    const second = await race(first);
    await race(second);
  });

  test("a key of several fields is an object, in whatever order, and each field counts", async () => {
    const repository = await (await open()).repository(seats);
    await repository.put({ hall: "A", row: 1, isLeft: true, guest: "Ann", note: { deep: [1] } });
    await repository.put({ hall: "A", row: 1, isLeft: false, guest: "Bob" });
    await repository.put({ isLeft: true, row: 1.5, hall: "A" });
    expect((await repository.get({ isLeft: true, row: 1, hall: "A" }))?.item).toEqual({
      hall: "A",
      row: 1,
      isLeft: true,
      guest: "Ann",
      note: { deep: [1] },
    });
    expect((await repository.get({ hall: "A", row: 1, isLeft: false }))?.item.guest).toBe("Bob");
    expect(await repository.get({ hall: "B", row: 1, isLeft: false })).toBeUndefined();
    expect((await repository.query({})).items.map(({ row, isLeft }) => [row, isLeft])).toEqual([
      [1, false],
      [1, true],
      [1.5, true],
    ]);
    expect(await failure(repository.put({ hall: "A", row: 1, isLeft: true }, { expectedVersion: "none" }))).toMatchObject({
      key: { hall: "A", row: 1, isLeft: true },
    });
    expect(await repository.delete({ hall: "A", row: 1, isLeft: true })).toBe(true);
    expect(await repository.get({ hall: "A", row: 1, isLeft: true })).toBeUndefined();
  });

  test("what was put or got is the caller's own: to change it changes nothing that is kept", async () => {
    const accounts = await (await open()).repository(accountViews);
    const lines = [{ text: "x" }];
    const given = { ...account("a-1"), lines };
    await accounts.put(given);
    given.owner = "Mallory";
    lines.push({ text: "y" });
    const got = await accounts.get("a-1");
    (got?.item.lines as { text: string }[] | undefined)?.push({ text: "z" });
    const { items } = await accounts.query({});
    (items[0]?.lines as { text: string }[] | undefined)?.push({ text: "z" });
    const kept = account("a-1", { lines: [{ text: "x" }] });
    expect((await accounts.get("a-1"))?.item).toEqual(kept);
    expect((await accounts.query({})).items).toEqual([kept]);
  });

  test("numbers are doubles, in their fields, in filters and in order", async () => {
    const accounts = await (await open()).repository(accountViews);
    const numbers = [-1e308, -1.5, -0, 5e-324, 0.1, 0.30000000000000004, 2 ** 53 - 1, 2 ** 63, 1e21, 1.7976931348623157e308];
    for (const [nth, balanceCents] of numbers.entries()) await accounts.put(account(`a-${nth}`, { balanceCents }));
    const { items } = await accounts.query({ sort: [{ by: "balanceCents" }] });
    expect(items.map(({ balanceCents }) => balanceCents)).toEqual(numbers.map((number) => number + 0));
    for (const balanceCents of numbers)
      expect((await accounts.query({ filter: { balanceCents: { eq: balanceCents } } })).items).toEqual([
        expect.objectContaining({ balanceCents: balanceCents + 0 }),
      ]);
  });

  test("text is ordered by code point, also above U+FFFF, and pages go on behind any of it", async () => {
    const accounts = await (await open()).repository(accountViews);
    const owners = [
      "",
      " ",
      "'",
      "A",
      "Z",
      "a",
      "a%",
      "a_",
      "aa",
      "z",
      "ä",
      "\u{d7ff}",
      "\u{e000}",
      "\u{ffff}",
      "\u{10000}",
      "😀",
      "\u{10ffff}",
    ];
    for (const [nth, owner] of owners.entries()) await accounts.put(account(`a-${nth}`, { owner }));
    for (const direction of ["asc", "desc"] as const) {
      const seen: (string | null)[] = [];
      for (let after: string | undefined, pages = 0; pages === 0 || (after !== undefined && pages <= owners.length); pages++) {
        const page: Page<AccountView> = await accounts.query({ sort: [{ by: "owner", direction }], page: { size: 2, after } });
        seen.push(...page.items.map(({ owner }) => owner));
        after = page.next;
      }
      expect(seen).toEqual(direction === "asc" ? owners : owners.toReversed());
    }
    const beginning = await accounts.query({ filter: { owner: { startsWith: "\u{d7ff}" } } });
    expect(beginning.items.map(({ owner }) => owner)).toEqual(["\u{d7ff}"]);
    expect((await accounts.query({ filter: { owner: { startsWith: "\u{10ffff}" } } })).items).toHaveLength(1);
    expect((await accounts.query({ filter: { owner: { contains: "%" } } })).items.map(({ owner }) => owner)).toEqual(["a%"]);
  });

  test("each condition and its opposite find what listFrom finds, also where there is nothing", async () => {
    const accounts = await (await open()).repository(accountViews);
    const items = [null, "", "Ann", "Bob"].map((owner, nth) => account(`a-${nth}`, { owner, ...(nth > 1 && { isOpen: nth > 2 }) }));
    for (const item of items) await accounts.put(item);
    const owner = [{ eq: "Ann" }, { eq: null }, { ne: "Ann" }, { ne: null }, { in: ["Ann", null] }, { in: ["Ann"] }, { in: [] }];
    const text = [
      { lt: "B" },
      { lte: "Ann" },
      { gt: "" },
      { gte: "Bob" },
      { contains: "n" },
      { contains: "" },
      { startsWith: "A" },
      { startsWith: "" },
    ];
    const simple = [...[...owner, ...text].map((condition) => ({ owner: condition })), { isOpen: { eq: true } }, { isOpen: { ne: true } }];
    for (const filter of simple)
      for (const asked of [filter, { not: filter }, { not: { not: filter } }, { or: [filter, { not: filter }] }])
        expect(await accounts.query({ filter: asked })).toEqual(listFrom(items as AccountRow[], { filter: asked }, accountViews.listing));
  });

  test("a listing of a thousand conditions is answered", async () => {
    const accounts = await (await open()).repository(accountViews);
    await accounts.put(account("a-499"));
    const or = Array.from({ length: 490 }, (_, nth) => ({ accountId: { eq: `a-${nth + 10}` } }));
    expect((await accounts.query({ filter: { or } })).items).toHaveLength(1);
    const many = Array.from({ length: 990 }, (_, nth) => `a-${nth}`);
    expect((await accounts.query({ filter: { accountId: { in: many } } })).items).toHaveLength(1);
    expect((await accounts.query({ filter: { not: { or } } })).items).toHaveLength(0);
  });

  test("a query message of the bus is a listing", async () => {
    class Accounts extends Query("Accounts", { schema: accountViews.listing })<Page<AccountView>> {}
    const accounts = await (await open()).repository(accountViews);
    for (const [nth, owner] of ["Ann", "Bob", null].entries()) await accounts.put(account(`a-${nth}`, { owner }));
    const page = await accounts.query(new Accounts({ filter: { owner: { ne: "Ann" } }, page: { size: 1, total: true } }));
    expect(page).toMatchObject({ items: [{ owner: "Bob" }], total: 2 });
    expect(page.next).toBeDefined();
  });

  test("a key that is missing, of another type, or torn is refused", async () => {
    const models = await open();
    const accounts = await models.repository(accountViews);
    const bySeat = await models.repository(seats);
    for (const key of [undefined, null, 5, { accountId: "a-1" }, "a\0", "\ud83d"]) {
      expect(await failure(accounts.get(key as string))).toBeInstanceOf(InvalidArgument);
      expect(await failure(accounts.delete(key as string))).toBeInstanceOf(InvalidArgument);
    }
    for (const key of [
      "A",
      { hall: "A", row: 1 },
      { hall: "A", row: Number.NaN, isLeft: true },
      { hall: "A", row: 1, isLeft: true, more: 1 },
    ])
      expect(await failure(bySeat.get(key as never))).toBeInstanceOf(InvalidArgument);
  });

  test("an item that lacks its key, holds other than its listing says, or JSON would change is refused, and nothing is written", async () => {
    const accounts = await (await open()).repository(accountViews);
    const kept = await accounts.put(account("a-1"));
    const bad: readonly (readonly [object, unknown])[] = [
      [{ owner: "Ann" }, InvalidArgument],
      [{ ...account("a-1"), accountId: null }, InvalidArgument],
      [{ ...account("a-1"), accountId: 5 }, InvalidArgument],
      [{ ...account("a-1"), balanceCents: "5" }, InvalidArgument],
      [{ ...account("a-1"), isOpen: 1 }, InvalidArgument],
      [{ ...account("a-1"), owner: "a\0b" }, InvalidArgument],
      [{ ...account("a-1"), owner: "\udc00" }, InvalidArgument],
      [{ ...account("a-1"), owner: "x".repeat(2_001) }, InvalidArgument],
      [["a-1"], InvalidArgument],
      [{ ...account("a-1"), balanceCents: Number.NaN }, NotSerializable],
      [{ ...account("a-1"), since: new Date(0) }, NotSerializable],
      [{ ...account("a-1"), of: () => 1 }, NotSerializable],
    ];
    for (const [item, error] of bad) expect(await failure(accounts.put(item as AccountView))).toBeInstanceOf(error);
    expect(await accounts.get("a-1")).toEqual({ item: account("a-1"), version: kept.version });
    expect((await accounts.query({ page: { total: true } })).total).toBe(1);
  });

  test("text that no field may hold is kept elsewhere in the item", async () => {
    const accounts = await (await open()).repository(accountViews);
    const item = account("a-1", { lines: [{ text: "a\0b \ud83d" }, { text: "x".repeat(100_000) }] });
    await accounts.put(item);
    expect((await accounts.get("a-1"))?.item).toEqual(item);
  });

  test("what is expected must be none, any or a version, and options must be known", async () => {
    const accounts = await (await open()).repository(accountViews);
    for (const expectedVersion of ["exists", null, 0, -1, 1.5, Number.NaN, "1"]) {
      const options = { expectedVersion } as { expectedVersion: "any" };
      expect(await failure(accounts.put(account("a-1"), options))).toBeInstanceOf(InvalidArgument);
      expect(await failure(accounts.delete("a-1", options))).toBeInstanceOf(InvalidArgument);
    }
    for (const options of [{ expected: 1 }, null, []] as readonly object[]) {
      expect(await failure(accounts.put(account("a-1"), options))).toBeInstanceOf(InvalidArgument);
      expect(await failure(accounts.delete("a-1", options))).toBeInstanceOf(InvalidArgument);
      expect(await failure(accounts.get("a-1", options))).toBeInstanceOf(InvalidArgument);
      expect(await failure(accounts.query({}, options))).toBeInstanceOf(InvalidArgument);
    }
    expect(await accounts.get("a-1")).toBeUndefined();
  });

  test("a listing that does not fit is refused, also one with text that no item has", async () => {
    const accounts = await (await open()).repository(accountViews);
    const bad: readonly object[] = [
      { filter: { lines: { eq: 1 } } },
      { filter: { owner: {} } },
      { filter: { owner: { eq: "\ud83d" } } },
      { filter: { not: { or: [{ owner: { in: ["a\0"] } }] } } },
      { sort: [{ by: "owner); DROP TABLE x" }] },
      { page: { size: 0 } },
      { page: { after: "x" } },
      { filtr: {} },
    ];
    for (const listing of bad) expect(await failure(accounts.query(listing))).toBeInstanceOf(InvalidMessage);
  });

  test("repositories of one definition see the same items, those of another name or schema version others", async () => {
    const models = await open();
    const [one, same] = [await models.repository(accountViews), await models.repository(accountViews)];
    const { listing } = accountViews;
    const later = await models.repository(defineReadModels("account-views", { listing, schemaVersion: 2 }));
    const other = await models.repository(defineReadModels("other-views", { listing }));
    await one.put(account("a-1"));
    expect(await same.get("a-1")).toBeDefined();
    expect(await later.get("a-1")).toBeUndefined();
    expect(await other.get("a-1")).toBeUndefined();
    await later.put({ accountId: "a-1", balanceCents: 5 });
    expect((await one.get("a-1"))?.item.balanceCents).toBe(0);
  });

  test("another key or other fields under the same schema version are refused, further indexes are made", async () => {
    const models = await open();
    const accounts = await models.repository(accountViews);
    await accounts.put(account("a-1"));
    const { fields } = accountViews.listing;
    const { isOpen: _, ...fewer } = fields;
    const others = [
      defineListing({ key: "accountId", fields: fewer }),
      defineListing({ key: "accountId", fields: { ...fields, more: "string" } }),
      defineListing({ key: "accountId", fields: { ...fields, balanceCents: "string" } }),
      defineListing({ key: ["accountId", "balanceCents"], fields }),
    ] as readonly (typeof accountViews.listing)[];
    for (const listing of others)
      expect(await failure(models.repository(defineReadModels("account-views", { listing })))).toBeInstanceOf(ReadModelRedefined);
    const shuffled = { isOpen: "boolean", balanceCents: "number", owner: "string", accountId: "string" } as const;
    const again = defineReadModels("account-views", {
      listing: defineListing({ key: "accountId", fields: shuffled, maxSize: 5 }),
      indexes: [["isOpen", "owner"]],
    }).holding<AccountView>();
    const reopened = await models.repository(again);
    await reopened.put(account("a-2", { isOpen: true }));
    expect((await reopened.query({ filter: { isOpen: { eq: true } } })).items).toEqual([account("a-2", { isOpen: true })]);
    expect((await accounts.query({})).items).toHaveLength(2);
  });

  test("what is discarded is gone, and can be made anew", async () => {
    const models = await open();
    const accounts = await models.repository(accountViews);
    await accounts.put(account("a-1"));
    expect(await models.discard("account-views", 2)).toBe(false);
    expect(await models.discard("account-views", 1)).toBe(true);
    expect(await models.discard("account-views", 1)).toBe(false);
    const anew = await models.repository(accountViews);
    expect(await anew.get("a-1")).toBeUndefined();
    await anew.put(account("a-1"), { expectedVersion: "none" });
  });

  test("a signal that has aborted ends every call with its reason, and nothing is done", async () => {
    const models = await open();
    const accounts = await models.repository(accountViews);
    const reason = new Error("given up");
    const options = { signal: AbortSignal.abort(reason) };
    const calls = [
      () => accounts.get("a-1", options),
      () => accounts.put(account("a-1"), options),
      () => accounts.delete("a-1", options),
      () => accounts.query({}, options),
      () => models.repository(seats, options),
      () => models.discard("account-views", 1, options),
    ];
    for (const call of calls) expect(await failure(call())).toBe(reason);
    expect(await accounts.get("a-1")).toBeUndefined();
  });

  test("closing waits for what was called before, and what is called behind it is refused", async () => {
    const models = await open();
    const accounts = await models.repository(accountViews);
    await accounts.put(account("a-0"));
    await accounts.get("a-0");
    expect(accounts.isClosed).toBe(false);
    const calls = Array.from({ length: 50 }, (_, nth) => accounts.put(account(`a-${nth}`)));
    const others = [accounts.get("a-60"), accounts.query({}), accounts.delete("a-61"), models.repository(seats)];
    const closing = models.close();
    const late = failure(accounts.put(account("a-70")));
    expect((await Promise.allSettled([...calls, ...others])).filter(({ status }) => status === "rejected")).toEqual([]);
    expect(await late).toBeInstanceOf(AlreadyClosed);
    await closing;
  });

  test("what is closed says so in every call, and closes twice", async () => {
    const models = await open();
    const accounts = await models.repository(accountViews);
    await accounts.put(account("a-0"));
    await models.close();
    await models.close();
    expect(accounts.isClosed).toBe(true);
    const calls = [
      () => accounts.get("a-0"),
      () => accounts.get("a-9"),
      () => accounts.put(account("a-9")),
      () => accounts.delete("a-9"),
      () => accounts.query({}),
      () => models.repository(seats),
      () => models.discard("account-views", 1),
    ];
    for (const call of calls) expect(await failure(call())).toBeInstanceOf(AlreadyClosed);
  });
});

test.each([1, 2, 3])("closing ends behind the calls that were made before, in whatever order their turns come: seed %i", async (seed) => {
  const { ended, wasLateRefused } = await createTestRuntime({ seed }).run(async () => {
    const models = createInMemoryReadModels();
    const accounts = await models.repository(accountViews);
    let count = 0;
    for (let nth = 0; nth < 20; nth++) void accounts.put(account(`a-${nth}`)).then(() => count++);
    const closing = models.close();
    const late = await failure(accounts.get("a-1"));
    await closing;
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    return { ended: count, wasLateRefused: late instanceof AlreadyClosed };
  });
  expect({ ended, wasLateRefused }).toEqual({ ended: 20, wasLateRefused: true });
});
