import { createQueryBus, defineListing, InvalidMessage, listFrom, Query, type Listing, type Page } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { accountList, OpenAccounts, type Account } from "./accounts.ts";

const accounts: readonly Account[] = [
  { accountId: "a-3", owner: "Cy", balance: 30, isOpen: true },
  { accountId: "a-1", owner: "Ann", balance: 10, isOpen: true, closedAt: null },
  { accountId: "a-4", owner: "Ann", balance: 30, isOpen: false, closedAt: "2026-01-31T00:00:00Z" },
  { accountId: "a-2", owner: "Bob", balance: -5, closedAt: "2025-12-31T00:00:00Z" },
];

const idsOf = (listing: Listing<Account>): readonly string[] =>
  listFrom(accounts, listing, accountList).items.map(({ accountId }) => accountId);

/** `count` accounts `a-0000`, `a-0001` and so on, the last first. */
const many = (count: number): readonly Account[] =>
  Array.from({ length: count }, (_, index) => ({
    accountId: `a-${String(count - 1 - index).padStart(4, "0")}`,
    owner: "Ann",
    balance: index,
  }));

describe("which items a listing finds", () => {
  const FILTERS: readonly (readonly [string, NonNullable<Listing<Account>["filter"]>, readonly string[]])[] = [
    ["all without a filter", {}, ["a-1", "a-2", "a-3", "a-4"]],
    ["those that equal", { owner: { eq: "Ann" } }, ["a-1", "a-4"]],
    ["those that do not", { owner: { ne: "Ann" } }, ["a-2", "a-3"]],
    ["those without a value", { closedAt: { eq: null } }, ["a-1", "a-3"]],
    ["those with one", { closedAt: { ne: null } }, ["a-2", "a-4"]],
    ["also those without one, where they differ", { isOpen: { ne: true } }, ["a-2", "a-4"]],
    ["one of a list", { owner: { in: ["Bob", "Cy", "Dan"] } }, ["a-2", "a-3"]],
    ["nothing, with a list of nothing", { owner: { in: [] } }, []],
    ["those without a value, with null in a list", { isOpen: { in: [false, null] } }, ["a-2", "a-4"]],
    ["less", { balance: { lt: 10 } }, ["a-2"]],
    ["not more", { balance: { lte: 10 } }, ["a-1", "a-2"]],
    ["more", { balance: { gt: 10 } }, ["a-3", "a-4"]],
    ["not less", { balance: { gte: 10 } }, ["a-1", "a-3", "a-4"]],
    ["a range", { balance: { gt: -5, lt: 30 } }, ["a-1"]],
    ["dates as text", { closedAt: { lt: "2026-01-01" } }, ["a-2"]],
    ["a part of a text, where case counts", { owner: { contains: "n" } }, ["a-1", "a-4"]],
    ["no part in another case", { owner: { contains: "A", startsWith: "a" } }, []],
    ["a beginning", { closedAt: { startsWith: "2026-" } }, ["a-4"]],
    ["what fulfils all fields", { owner: { eq: "Ann" }, balance: { eq: 30 } }, ["a-4"]],
    ["what fulfils all of a group", { and: [{ owner: { eq: "Ann" } }, { balance: { eq: 30 } }] }, ["a-4"]],
    ["what fulfils one of a group", { or: [{ owner: { eq: "Bob" } }, { balance: { eq: 10 } }] }, ["a-1", "a-2"]],
    ["all, with a group of nothing to fulfil", { and: [] }, ["a-1", "a-2", "a-3", "a-4"]],
    ["nothing, with a group of nothing to choose from", { or: [] }, []],
    ["the others, also those without a value", { not: { closedAt: { gt: "2026" } } }, ["a-1", "a-2", "a-3"]],
    [
      "what fulfils a field and the group beside it",
      { balance: { eq: 30 }, or: [{ owner: { eq: "Cy" } }, { owner: { eq: "Bob" } }] },
      ["a-3"],
    ],
    ["no more than the conditions that are there", { owner: undefined, and: undefined, balance: { eq: 10 } }, ["a-1"]],
  ];

  it.each(FILTERS)("are %s", (_, filter, expected) => {
    expect(idsOf({ filter })).toEqual(expected);
    expect(idsOf({ filter: { not: { not: filter } } })).toEqual(expected);
    expect(idsOf({ filter: { not: filter } })).toEqual(["a-1", "a-2", "a-3", "a-4"].filter((id) => !expected.includes(id)));
  });
});

describe("the order of what a listing finds", () => {
  it("is that of the key where nothing is said, and where nothing else decides", () => {
    expect(idsOf({})).toEqual(["a-1", "a-2", "a-3", "a-4"]);
    expect(idsOf({ sort: [] })).toEqual(["a-1", "a-2", "a-3", "a-4"]);
    expect(idsOf({ sort: [{ by: "balance" }] })).toEqual(["a-2", "a-1", "a-3", "a-4"]);
    expect(idsOf({ sort: [{ by: "balance", direction: "desc" }] })).toEqual(["a-3", "a-4", "a-1", "a-2"]);
    expect(idsOf({ sort: [{ by: "accountId", direction: "desc" }] })).toEqual(["a-4", "a-3", "a-2", "a-1"]);
    expect(idsOf({ sort: [{ by: "owner" }, { by: "balance", direction: "desc" }] })).toEqual(["a-4", "a-1", "a-2", "a-3"]);
  });

  it("has nothing first, and last where it descends", () => {
    expect(idsOf({ sort: [{ by: "closedAt" }] })).toEqual(["a-1", "a-3", "a-2", "a-4"]);
    expect(idsOf({ sort: [{ by: "closedAt", direction: "desc" }] })).toEqual(["a-4", "a-2", "a-1", "a-3"]);
    expect(idsOf({ sort: [{ by: "isOpen" }] })).toEqual(["a-2", "a-4", "a-1", "a-3"]);
  });

  it("goes by the code points of a text", () => {
    const words = ["Ab", "a", "", "ä", "Z", "z", "😀", "\ufb00", "\ud7ff", "😁", "ab", "\u{10ffff}"];
    const inBytes = words.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    const list = defineListing({ key: "word", fields: { word: "string" } });
    const items = words.map((word) => ({ word }));
    expect(listFrom(items, {}, list).items.map(({ word }) => word)).toEqual(inBytes);
    expect(listFrom(items, { filter: { word: { gt: "\ufb00" } } }, list).items).toEqual([
      { word: "😀" },
      { word: "😁" },
      { word: "\u{10ffff}" },
    ]);
  });
});

describe("the pages of what a listing finds", () => {
  it("have fifty items, or as many as is asked, and at most a thousand", () => {
    expect(listFrom(many(2_000), {}, accountList).items).toHaveLength(50);
    expect(listFrom(many(2_000), { page: { size: 7 } }, accountList).items).toHaveLength(7);
    expect(listFrom(many(2_000), { page: { size: 1_000 } }, accountList).items).toHaveLength(1_000);
    expect(refusalOf(() => listFrom(many(1), { page: { size: 1_001 } }, accountList))).toMatchObject({
      code: "invalid-message",
      issues: [{ path: "page.size", message: "must be an integer from 1 to 1000, but is 1001" }],
    });
    const short = defineListing({ key: "accountId", fields: { accountId: "string" }, maxSize: 3 });
    expect(listFrom(many(9), {}, short).items).toHaveLength(3);
    const own = defineListing({ key: "accountId", fields: { accountId: "string" }, maxSize: 3, defaultSize: 2 });
    expect(listFrom(many(9), {}, own).items).toHaveLength(2);
  });

  it("follow each other by their next, which the last one has not", () => {
    const first = listFrom(many(5), { page: { size: 2 } }, accountList);
    const second = listFrom(many(5), { page: { size: 2, after: first.next } }, accountList);
    const last = listFrom(many(5), { page: { size: 2, after: second.next } }, accountList);
    const all = [first, second, last].map(({ items }) => items.map(({ accountId }) => accountId));
    expect(all).toEqual([["a-0000", "a-0001"], ["a-0002", "a-0003"], ["a-0004"]]);
    expect(last).not.toHaveProperty("next");
    expect(listFrom(many(4), { page: { size: 2, after: first.next } }, accountList)).not.toHaveProperty("next");
  });

  it("may be turned to by number, and go on by their next", () => {
    const third = listFrom(many(9), { page: { size: 2, offset: 4 } }, accountList);
    expect(third.items.map(({ accountId }) => accountId)).toEqual(["a-0004", "a-0005"]);
    const next = listFrom(many(9), { page: { size: 2, after: third.next } }, accountList);
    expect(next.items.map(({ accountId }) => accountId)).toEqual(["a-0006", "a-0007"]);
    expect(listFrom(many(9), { page: { offset: 9 } }, accountList)).toEqual({ items: [] });
  });

  it("tell how many there are on all of them, where that is asked", () => {
    const filter = { balance: { lt: 5 } };
    const first = listFrom(many(9), { filter, page: { size: 2, total: true } }, accountList);
    expect(first.total).toBe(5);
    expect(listFrom(many(9), { filter, page: { size: 2, total: true, after: first.next } }, accountList).total).toBe(5);
    expect(listFrom(many(9), { filter, page: { size: 2, total: true, offset: 4 } }, accountList).total).toBe(5);
    expect(listFrom(many(9), { filter }, accountList)).not.toHaveProperty("total");
    expect(listFrom([] as readonly Account[], { page: { total: true } }, accountList)).toEqual({ items: [], total: 0 });
  });

  it("have a key of several fields", () => {
    const lines = [1, 2].flatMap((day) => [1, 2, 3].map((line) => ({ day, line })));
    const list = defineListing({ key: ["day", "line"], fields: { day: "number", line: "number" } });
    const first = listFrom(lines, { sort: [{ by: "day", direction: "desc" }], page: { size: 4 } }, list);
    expect(first.items).toEqual([
      { day: 2, line: 1 },
      { day: 2, line: 2 },
      { day: 2, line: 3 },
      { day: 1, line: 1 },
    ]);
    expect(listFrom(lines, { sort: [{ by: "day", direction: "desc" }], page: { after: first.next } }, list).items).toEqual([
      { day: 1, line: 2 },
      { day: 1, line: 3 },
    ]);
  });

  it.each([
    ["of another order", { sort: [{ by: "owner" }] }, /in the same order: accountId/],
    ["of the other direction", { sort: [{ by: "accountId", direction: "desc" }] }, /in the same order: accountId\. /],
  ] as const)("do not begin behind a page %s", (_, other, told) => {
    const { next } = listFrom(accounts, { ...other, page: { size: 1 } }, accountList);
    const refusal = refusalOf(() => listFrom(accounts, { page: { after: next } }, accountList));
    expect(refusal).toBeInstanceOf(InvalidMessage);
    expect(refusal).toMatchObject({ issues: [{ path: "page.after", message: expect.stringMatching(told) as string }] });
  });

  const cursorOf = (told: unknown): string => Buffer.from(JSON.stringify(told)).toString("base64url");
  it.each([
    ["no cursor", "42"],
    ["no text that was given", "a-1"],
    ["an empty text", ""],
    ["a list of nothing", cursorOf([])],
    ["a place that is too short", cursorOf(["accountId"])],
    ["a place that is too long", cursorOf(["accountId", "a-1", "a-2"])],
    ["a place of another type", cursorOf(["accountId", 1])],
    ["a place that is no value", cursorOf(["accountId", { or: [] }])],
    ["no list", cursorOf({ 0: "accountId" })],
  ])("do not begin behind %s", (_, after) => {
    expect(refusalOf(() => listFrom(accounts, { page: { after } }, accountList))).toMatchObject({
      code: "invalid-message",
      issues: [{ path: "page.after", message: "must be the next of a page, as it was given" }],
    });
  });
});

describe("items that a definition does not fit", () => {
  const list = defineListing({ key: "id", fields: { id: "string", at: "number" } });

  it.each([[new Date(0)], ["7"], [Number.NaN], [Number.POSITIVE_INFINITY], [7n]])("are told: %s in place of a number", (value: unknown) => {
    const items = [{ id: "a", at: value as number }];
    for (const listing of [{ sort: [{ by: "at" }] }, { filter: { at: { gt: 0 } } }] as const)
      expect(refusalOf(() => listFrom(items, listing, list))).toMatchObject({
        code: "invalid-argument",
        details: { argument: "The field at of an item", expected: "a finite number, or nothing" },
      });
    expect(listFrom(items, {}, list).items).toEqual(items);
  });

  it("are told where they have no key, or one in common where a page ends", () => {
    const key: unknown = null;
    expect(refusalOf(() => listFrom([{ id: key as string, at: 1 }], {}, list))).toMatchObject({ code: "invalid-argument" });
    const twins = [
      { id: "a", at: 1 },
      { id: "a", at: 1 },
    ];
    expect(refusalOf(() => listFrom(twins, { page: { size: 1 } }, list))).toMatchObject({
      code: "invalid-argument",
      details: { argument: "The key id", actual: '"a"' },
    });
  });
});

describe("a query that is a listing", () => {
  it("is held against its definition by the bus, and answered by the page", async () => {
    const queries = createQueryBus();
    queries.handle(OpenAccounts, (query) => listFrom(accounts, query, accountList));
    const page = await queries.ask(new OpenAccounts({ filter: { owner: { eq: "Ann" } }, page: { size: 1, total: true } }));
    expect(page).toMatchObject({ items: [{ accountId: "a-1" }], total: 2 });
    const stray: unknown = { filter: { branch: { eq: "north" } }, page: { after: "a-1" } };
    expect(await rejectionOf(queries.ask(new OpenAccounts(stray as Listing<Account>)))).toMatchObject({
      code: "invalid-message",
      details: { type: "OpenAccounts", issues: [{ path: "filter.branch" }] },
    });
  });

  it("may be derived from, with fields of its own", async () => {
    class OfPrefix extends Query("OfPrefix", { extends: OpenAccounts })<{ prefix: string }> {}
    const queries = createQueryBus();
    queries.handle(OfPrefix, (query) =>
      listFrom(
        accounts.filter(({ owner }) => owner.startsWith(query.prefix)),
        query,
        accountList,
      ),
    );
    const { items } = await queries.ask(new OfPrefix({ prefix: "A", sort: [{ by: "balance", direction: "desc" }] }));
    expect(items.map(({ accountId }) => accountId)).toEqual(["a-4", "a-1"]);
    expect(await rejectionOf(queries.ask(new OfPrefix({ prefix: "A", page: { size: 0 } })))).toMatchObject({ code: "invalid-message" });
  });

  it("has no other fields than a listing, unless it derives from one or is declared by something else", async () => {
    class OfBranch extends Query("OfBranch", { extends: OpenAccounts })<{ branch: string }> {}
    class Sorted extends OpenAccounts {}
    class Own extends Query("Own")<Listing<Account> & { branch: string }, Page<Account>> {}
    const queries = createQueryBus();
    for (const one of [OpenAccounts, Sorted, OfBranch]) queries.handle(one, (query) => listFrom(accounts, query, accountList));
    queries.handle(Own, (query) => listFrom(accounts, query, accountList));
    const wrong = { filtr: { owner: { eq: "Ann" } } } as object;
    const refused = { code: "invalid-message", issues: [{ path: "filtr" }] };
    expect(await rejectionOf(queries.ask(new OpenAccounts(wrong)))).toMatchObject(refused);
    expect(await rejectionOf(queries.ask(new Sorted(wrong)))).toMatchObject(refused);
    expect(refusalOf(() => listFrom(accounts, wrong, accountList))).toMatchObject(refused);
    expect((await queries.ask(new OfBranch({ branch: "north", page: { size: 1 } }))).items).toHaveLength(1);
    expect((await queries.ask(new Own({ branch: "north", page: { size: 1 } }))).items).toHaveLength(1);
  });

  it("names itself where it is answered without a bus", () => {
    expect(refusalOf(() => listFrom(accounts, new OpenAccounts({ page: { size: 0 } }), accountList))).toMatchObject({
      details: { type: "OpenAccounts" },
    });
    expect(refusalOf(() => listFrom(accounts, { page: { size: 0 } }, accountList))).toMatchObject({ details: { type: "The listing" } });
  });
});
