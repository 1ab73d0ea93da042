import { InvalidMessage, listFrom, type Listing, type Page } from "@reactive-domain/messaging";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountList, type Account } from "./accounts.ts";

type Filter = NonNullable<Listing<Account>["filter"]>;
type Sort = NonNullable<Listing<Account>["sort"]>;
type Field = "accountId" | "owner" | "balance" | "isOpen" | "closedAt";

const MAX_PAGES = 500;
const FIELDS: readonly Field[] = ["accountId", "owner", "balance", "isOpen", "closedAt"];
// Few values, so that many are equal; texts on both sides of the surrogates.
const text = fc.constantFrom("", "a", "ab", "b", "B", "ä", "😀", "\ufb00");
const amount = fc.constantFrom(-1, 0, 0.5, 2, 1e21);
const account: fc.Arbitrary<Account> = fc.record(
  { accountId: fc.uuid(), owner: text, balance: amount, isOpen: fc.boolean(), closedAt: fc.option(text) },
  { requiredKeys: ["accountId", "owner", "balance"] },
);
const accounts = fc.uniqueArray(account, { selector: ({ accountId }) => accountId, maxLength: 30 });

const range = <V>(value: fc.Arbitrary<V>): Record<string, fc.Arbitrary<unknown>> => ({
  eq: fc.option(value),
  ne: fc.option(value),
  in: fc.array(fc.option(value), { maxLength: 3 }),
  lt: value,
  lte: value,
  gt: value,
  gte: value,
});
const condition = (operators: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(operators, { requiredKeys: [] }).filter((made) => Object.keys(made).length > 0);
const conditions = {
  owner: condition({ ...range(text), contains: text, startsWith: text }),
  closedAt: condition({ ...range(text), contains: text, startsWith: text }),
  balance: condition(range(amount)),
  isOpen: condition({ eq: fc.option(fc.boolean()), ne: fc.option(fc.boolean()) }),
};
const flat = fc.record(conditions, { requiredKeys: [] });
const grouped = (inner: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.record(
    { ...conditions, and: fc.array(inner, { maxLength: 2 }), or: fc.array(inner, { maxLength: 2 }), not: inner },
    { requiredKeys: [] },
  );
const filters = fc.oneof(flat, grouped(flat), grouped(grouped(flat))) as fc.Arbitrary<Filter>;
const sorts: fc.Arbitrary<Sort> = fc.uniqueArray(fc.record({ by: fc.constantFrom(...FIELDS), direction: fc.constantFrom("asc", "desc") }), {
  selector: ({ by }) => by,
  maxLength: 3,
});

type Value = string | number | boolean | null;

/** The order of UTF-8, which is what a database goes by. */
function naiveCompare(one: Value, other: Value): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  if (typeof one === "string") return Buffer.compare(Buffer.from(one), Buffer.from(String(other)));
  return Number(one) - Number(other);
}

function naiveTest(asked: object, item: Account): boolean {
  return Object.entries(asked).every(([name, part]: [string, unknown]) => {
    if (name === "and") return (part as object[]).every((one) => naiveTest(one, item));
    if (name === "or") return (part as object[]).some((one) => naiveTest(one, item));
    if (name === "not") return !naiveTest(part as object, item);
    const value: Value = item[name as Field] ?? null;
    return Object.entries(part as object).every(([operator, operand]) => naiveCondition(operator, value, operand as never));
  });
}

function naiveCondition(operator: string, value: Value, operand: never): boolean {
  if (operator === "eq") return value === operand;
  if (operator === "ne") return value !== operand;
  if (operator === "in") return (operand as Value[]).some((one) => one === value);
  if (value === null) return false;
  if (operator === "contains") return String(value).split(operand).length > 1 || operand === "";
  if (operator === "startsWith") return String(value).slice(0, String(operand).length) === operand;
  const difference = naiveCompare(value, operand);
  return { lt: difference < 0, lte: difference <= 0, gt: difference > 0, gte: difference >= 0 }[operator] ?? false;
}

function naiveOrder(items: readonly Account[], sort: Sort): readonly Account[] {
  return items.toSorted((one, other) => {
    for (const { by, direction } of [...sort, { by: "accountId" as const, direction: "asc" as const }]) {
      const difference = naiveCompare(one[by] ?? null, other[by] ?? null);
      if (difference !== 0) return direction === "desc" ? -difference : difference;
    }
    return 0;
  });
}

/** All pages, one behind the other; `between` is called before each but the first. */
function pagesOf(
  items: () => readonly Account[],
  { filter: asked, sort, page }: Listing<Account>,
  between: () => void = () => undefined,
): readonly Page<Account>[] {
  const pages: Page<Account>[] = [];
  for (let after: string | undefined; pages.length === 0 || after !== undefined;) {
    if (pages.length > MAX_PAGES) throw new Error("The pages have no end.");
    if (pages.length > 0) between();
    const next = listFrom(items(), { filter: asked, sort, page: { ...page, after } }, accountList);
    pages.push(next);
    after = next.next;
  }
  return pages;
}

function outcomeOf(items: readonly Account[], listing: object): string {
  try {
    listFrom(items, listing, accountList);
    return "answered";
  } catch (error) {
    return error instanceof InvalidMessage ? error.code : "another error";
  }
}

describe("a listing of items in memory", () => {
  it("finds what the filter says, in the order of the sort, page by page, each of the size that was asked for", () => {
    fc.assert(
      fc.property(accounts, filters, sorts, fc.integer({ min: 1, max: 9 }), (items, asked, sort, size) => {
        const whole = naiveOrder(
          items.filter((item) => naiveTest(asked, item)),
          sort,
        );
        const pages = pagesOf(() => items, { filter: asked, sort, page: { size, total: true } });
        expect(pages.flatMap((page) => page.items)).toEqual(whole);
        expect(pages.map(({ total }) => total)).toEqual(pages.map(() => whole.length));
        expect(pages.slice(0, -1).every((page) => page.items.length === size)).toBe(true);
        expect(pages.length).toBe(Math.max(1, Math.ceil(whole.length / size)));
        const offset = size * Math.floor(pages.length / 2);
        expect(listFrom(items, { filter: asked, sort, page: { size, offset } }, accountList).items).toEqual(
          whole.slice(offset, offset + size),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("repeats and passes over nothing that is there all the time, whatever comes and goes between pages", () => {
    const changes = fc.array(fc.record({ removed: fc.nat(), added: fc.array(account, { maxLength: 5 }) }), { maxLength: 10 });
    fc.assert(
      fc.property(accounts, sorts, fc.integer({ min: 1, max: 4 }), changes, (before, sort, size, between) => {
        const there = new Map(before.map((item) => [item.accountId, item]));
        const touched = new Set<string>();
        const left = [...between];
        const seen = pagesOf(
          () => [...there.values()],
          { sort, page: { size } },
          () => {
            const change = left.shift();
            if (change === undefined) return;
            const gone = [...there.keys()][change.removed % Math.max(1, there.size)];
            const added = change.added.filter(({ accountId }) => !there.has(accountId));
            if (gone !== undefined) there.delete(gone);
            for (const item of added) there.set(item.accountId, item);
            for (const id of [...(gone === undefined ? [] : [gone]), ...added.map(({ accountId }) => accountId)]) touched.add(id);
          },
        ).flatMap((page) => page.items);
        const stayed = before.filter(({ accountId }) => !touched.has(accountId));
        expect(seen.filter(({ accountId }) => !touched.has(accountId))).toEqual(naiveOrder(stayed, sort));
        expect(new Set(seen.map(({ accountId }) => accountId)).size).toBe(seen.length);
        expect(naiveOrder(seen, sort)).toEqual(seen);
      }),
      { numRuns: 500 },
    );
  });

  it("is data: it means the same when JSON has carried it, its cursor included", () => {
    fc.assert(
      fc.property(accounts, filters, sorts, fc.integer({ min: 1, max: 5 }), (items, asked, sort, size) => {
        const first = listFrom(items, { filter: asked, sort, page: { size } }, accountList);
        const listing: Listing<Account> = { filter: asked, sort, page: { size, after: first.next } };
        const carried = JSON.parse(JSON.stringify(listing)) as Listing<Account>;
        expect(listFrom(items, carried, accountList)).toEqual(listFrom(items, listing, accountList));
      }),
    );
  });

  it("is refused, never answered, where data is no listing", () => {
    const word = fc.constantFrom(
      ...FIELDS,
      "and",
      "or",
      "not",
      "eq",
      "in",
      "lt",
      "by",
      "direction",
      "size",
      "after",
      "filter",
      "sort",
      "page",
    );
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, "a", 1, true, "asc"),
        fc.array(tie("data"), { maxLength: 3 }),
        fc.dictionary(word, tie("data")),
      ),
    }));
    fc.assert(
      fc.property(fc.record({ filter: data, sort: data, page: data }, { requiredKeys: [] }), accounts, (listing: object, items) => {
        const isValid = !("issues" in accountList["~standard"].validate(listing));
        expect(outcomeOf(items, listing)).toBe(isValid ? "answered" : "invalid-message");
      }),
      { numRuns: 1_000 },
    );
  });
});
