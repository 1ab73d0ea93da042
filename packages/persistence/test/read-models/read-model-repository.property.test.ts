import { defineListing, listFrom, type Listing, type Page } from "@reactive-domain/messaging";
import { defineReadModels, WrongItemVersion, type ExpectedItemVersion } from "@reactive-domain/persistence";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 120_000 });

const listing = defineListing({
  key: ["branch", "no"],
  fields: { branch: "string", no: "number", owner: "string", closedAt: "string", balance: "number", isOpen: "boolean" },
});

interface Item {
  readonly branch: string;
  readonly no: number;
  readonly owner?: string | null;
  readonly closedAt?: string | null;
  readonly balance?: number | null;
  readonly isOpen?: boolean | null;
  readonly more?: unknown;
}

type Asked = Listing<Item>;

const text = fc.constantFrom("", "a", "ab", "b", "B", "ä", "😀", "\ufb00", "a'\"\\");
const amount = fc.constantFrom(-1, 0, 0.5, 2, 1e21);
const flag = fc.boolean();
const key = fc.record({ branch: fc.constantFrom("x", "y", "😀"), no: fc.constantFrom(0, 1, 2.5) });
const item: fc.Arbitrary<Item> = fc
  .tuple(
    key,
    fc.record(
      {
        owner: fc.option(text),
        closedAt: fc.option(text),
        balance: fc.option(amount),
        isOpen: fc.option(flag),
        more: fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes("__proto__")),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([of, more]) => JSON.parse(JSON.stringify({ ...of, ...more })) as Item);

const condition = (operators: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(operators, { requiredKeys: [] }).filter((made) => Object.keys(made).length > 0);
const equality = (value: fc.Arbitrary<unknown>): Record<string, fc.Arbitrary<unknown>> => ({
  eq: fc.option(value),
  ne: fc.option(value),
  in: fc.array(fc.option(value), { maxLength: 3 }),
});
const range = (value: fc.Arbitrary<unknown>): Record<string, fc.Arbitrary<unknown>> => ({
  ...equality(value),
  lt: value,
  lte: value,
  gt: value,
  gte: value,
});
const conditions = {
  branch: condition(range(text)),
  owner: condition({ ...range(text), contains: text, startsWith: text }),
  closedAt: condition({ contains: text, startsWith: text }),
  balance: condition(range(amount)),
  isOpen: condition(equality(flag)),
};
const flat = fc.record(conditions, { requiredKeys: [] });
const grouped = (inner: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.record(
    { ...conditions, and: fc.array(inner, { maxLength: 2 }), or: fc.array(inner, { maxLength: 2 }), not: inner },
    { requiredKeys: [] },
  );
const filter = fc.oneof(fc.constant({}), flat, grouped(flat), grouped(grouped(flat)));
const sort = fc.uniqueArray(
  fc.record({ by: fc.constantFrom("branch", "no", "owner", "balance", "isOpen"), direction: fc.constantFrom("asc", "desc") }),
  { selector: ({ by }) => by, maxLength: 3 },
);
const asked = fc.record({ filter, sort, page: fc.record({ size: fc.integer({ min: 1, max: 4 }), total: flag }) }) as fc.Arbitrary<Asked>;

type Step =
  | { readonly kind: "put"; readonly item: Item; readonly expected: "any" | "none" | "current" | "old" }
  | { readonly kind: "delete"; readonly key: Pick<Item, "branch" | "no">; readonly expected: "any" | "none" | "current" | "old" }
  | { readonly kind: "query"; readonly asked: Asked; readonly offset: number };

const expectation = fc.constantFrom("any" as const, "any" as const, "none" as const, "current" as const, "old" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("put" as const), item, expected: expectation }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), key, expected: expectation }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("query" as const), asked, offset: fc.integer({ min: 0, max: 3 }) }) },
);

interface Kept {
  readonly item: Item;
  readonly version: number;
}

const nameOf = ({ branch, no }: Pick<Item, "branch" | "no">): string => JSON.stringify([branch, no]);

/** What every repository must answer: items in a map, and the versions that each key ever had. */
class Model {
  readonly items = new Map<string, Kept>();
  readonly #versions = new Map<string, number[]>();

  expectedOf(of: Pick<Item, "branch" | "no">, expected: "any" | "none" | "current" | "old"): ExpectedItemVersion {
    if (expected === "any" || expected === "none") return expected;
    const had = this.#versions.get(nameOf(of)) ?? [];
    return (expected === "current" ? this.items.get(nameOf(of))?.version : had.at(-2)) ?? 1_000_000;
  }

  /** The version in the way, or `undefined` where the change is to be made. */
  conflict(of: Pick<Item, "branch" | "no">, expected: ExpectedItemVersion): number | null | undefined {
    const actual = this.items.get(nameOf(of))?.version ?? null;
    if (expected === "any" || actual === (expected === "none" ? null : expected)) return undefined;
    return actual;
  }

  put(put: Item, version: number): void {
    const had = this.#versions.get(nameOf(put)) ?? [];
    expect(version).toBeGreaterThan(had.at(-1) ?? 0);
    this.#versions.set(nameOf(put), [...had, version]);
    this.items.set(nameOf(put), { item: put, version });
  }
}

async function outcomeOf<T>(work: Promise<T>): Promise<{ readonly done: T } | { readonly actual: number | null }> {
  try {
    return { done: await work };
  } catch (error) {
    if (error instanceof WrongItemVersion) return { actual: error.actual };
    throw error;
  }
}

describe.each(everyReadModels)("read models in $name", ({ name, open }) => {
  test("answer puts, deletions and listings as a map of items and listFrom do, versions too", async () => {
    const models = await open();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        const definition = defineReadModels(`round-${round++}`, { listing, indexes: [["owner"], ["balance", "owner"]] }).holding<Item>();
        const repository = await models.repository(definition);
        const model = new Model();
        for (const one of steps) {
          if (one.kind === "query") {
            const expected = listFrom(
              [...model.items.values()].map((kept) => kept.item),
              one.asked as never,
              listing,
            );
            expect(await repository.query(one.asked as never)).toEqual(expected);
            const offset = { ...one.asked, page: { ...one.asked.page, offset: one.offset } };
            expect(await repository.query(offset as never)).toEqual(
              listFrom(
                [...model.items.values()].map((kept) => kept.item),
                offset as never,
                listing,
              ),
            );
            await expectSamePages((page) => repository.query(page as never), model, one.asked);
            continue;
          }
          const of = one.kind === "put" ? one.item : { branch: one.key.branch, no: one.key.no };
          const expectedVersion = model.expectedOf(of, one.expected);
          const conflict = model.conflict(of, expectedVersion);
          if (one.kind === "put") {
            const outcome = await outcomeOf(repository.put(one.item, { expectedVersion }));
            expect("actual" in outcome ? outcome.actual : undefined).toEqual(conflict);
            if ("done" in outcome) model.put(one.item, outcome.done.version);
          } else {
            const outcome = await outcomeOf(repository.delete({ branch: of.branch, no: of.no }, { expectedVersion }));
            expect(outcome).toEqual(conflict === undefined ? { done: model.items.has(nameOf(of)) } : { actual: conflict });
            if ("done" in outcome) model.items.delete(nameOf(of));
          }
          expect(await repository.get({ branch: of.branch, no: of.no })).toEqual(model.items.get(nameOf(of)));
        }
        await models.discard(definition.name, 1);
      }),
      { numRuns: name === "PostgreSQL" ? 25 : 80 },
    );
  });
});

/** Page behind page, to the last. */
async function expectSamePages(query: (listing: Asked) => Promise<Page<Item>>, model: Model, first: Asked): Promise<void> {
  for (let after: string | undefined, pages = 0; pages === 0 || after !== undefined; pages++) {
    const page = { ...first, page: { ...first.page, after } };
    const expected = listFrom(
      [...model.items.values()].map((kept) => kept.item),
      page as never,
      listing,
    );
    expect(await query(page)).toEqual(expected);
    after = expected.next;
  }
}
