import { defineListing, listFrom, type Listing, type Page, type RowOf } from "@reactive-domain/messaging";
import {
  defineReadModels,
  WrongItemVersion,
  type ExpectedItemVersion,
  type ReadModelDefinition,
  type RepositoryOf,
} from "@reactive-domain/persistence";
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

type Asked = Listing<RowOf<typeof listing.fields>>;

const text = fc.constantFrom("", "a", "ab", "B", "\ud7ff", "😀", "\ufb00", "a'\"\\");
const amount = fc.constantFrom(-1, 0, 0.5, 1e21);
const flag = fc.boolean();
const branches = fc.constantFrom("x", "xy", "😀");
const numbers = fc.constantFrom(0, 1, 2.5);
const keys = fc.record({ branch: branches, no: numbers });
const item: fc.Arbitrary<Item> = fc
  .tuple(
    keys,
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

const merged = ([one, other]: readonly [object, object]): object => ({ ...one, ...other });

type Operators = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** One operator, seldom two: of many at once nothing is left, and nothing is told of them. */
const condition = (operators: Operators): fc.Arbitrary<object> => {
  const one = fc.oneof(...Object.entries(operators).map(([operator, value]) => value.map((operand) => ({ [operator]: operand }))));
  return fc.oneof({ weight: 4, arbitrary: one }, { weight: 1, arbitrary: fc.tuple(one, one).map(merged) });
};
const equality = (value: fc.Arbitrary<unknown>): Operators => ({
  eq: fc.option(value, { freq: 3 }),
  ne: fc.option(value, { freq: 3 }),
  in: fc.array(fc.option(value, { freq: 3 }), { minLength: 1, maxLength: 3 }),
});
const range = (value: fc.Arbitrary<unknown>): Operators => ({ ...equality(value), lt: value, lte: value, gt: value, gte: value });
const conditions = {
  branch: condition({ ...range(branches), contains: branches, startsWith: branches }),
  no: condition(range(numbers)),
  owner: condition({ ...range(text), contains: text, startsWith: text }),
  closedAt: condition({ ...equality(text), contains: text, startsWith: text }),
  balance: condition(range(amount)),
  isOpen: condition(equality(flag)),
};
const onOneField = fc.oneof(...Object.entries(conditions).map(([field, on]) => on.map((made) => ({ [field]: made }))));
const flat = fc.oneof({ weight: 3, arbitrary: onOneField }, { weight: 1, arbitrary: fc.tuple(onOneField, onOneField).map(merged) });
const grouped = (inner: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.oneof(
    fc.record({ or: fc.array(inner, { maxLength: 3 }) }),
    fc.record({ and: fc.array(inner, { maxLength: 2 }) }),
    fc.record({ not: inner }),
    fc.tuple(onOneField, fc.record({ not: inner })).map(merged),
  );
const filter = fc.oneof(fc.constant({}), flat, grouped(flat), grouped(fc.oneof(flat, grouped(flat))));
const sort = fc.uniqueArray(
  fc.record({ by: fc.constantFrom("branch", "no", "owner", "closedAt", "balance", "isOpen"), direction: fc.constantFrom("asc", "desc") }),
  { selector: ({ by }) => by, maxLength: 3 },
);
const questions = fc.record({
  filter,
  sort,
  page: fc.record({ size: fc.integer({ min: 1, max: 4 }), total: flag }),
}) as fc.Arbitrary<Asked>;

type Key = Pick<Item, "branch" | "no">;
type Expectation = "any" | "none" | "current" | "old";
type Definition = ReturnType<typeof define>;

type Step =
  | { readonly kind: "put"; readonly item: Item; readonly expected: Expectation }
  | { readonly kind: "delete"; readonly key: Key; readonly expected: Expectation }
  | { readonly kind: "query"; readonly asked: Asked; readonly offset: number };

const expectation = fc.constantFrom("any" as const, "any" as const, "none" as const, "current" as const, "old" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("put" as const), item, expected: expectation }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), key: keys, expected: expectation }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("query" as const), asked: questions, offset: fc.integer({ min: 0, max: 3 }) }) },
);
/** Some items first, so that there is something to find. */
const steps: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.array(item, { minLength: 5, maxLength: 8 }), fc.array(step, { minLength: 5, maxLength: 20 }))
  .map(([items, more]) => items.map((put): Step => ({ kind: "put", item: put, expected: "any" })).concat(more));

interface Kept {
  readonly item: Item;
  readonly version: number;
}

const nameOf = ({ branch, no }: Key): string => JSON.stringify([branch, no]);

/** What every repository must answer: items in a map, and the versions that each key ever had. */
class Model {
  readonly items = new Map<string, Kept>();
  readonly #versions = new Map<string, number[]>();

  expectedOf(of: Key, expected: Expectation): ExpectedItemVersion {
    if (expected === "any" || expected === "none") return expected;
    const had = this.#versions.get(nameOf(of)) ?? [];
    return (expected === "current" ? this.items.get(nameOf(of))?.version : had.at(-2)) ?? 1_000_000;
  }

  /** The version in the way, or `undefined` where the change is to be made. */
  conflict(of: Key, expected: ExpectedItemVersion): number | null | undefined {
    const actual = this.items.get(nameOf(of))?.version ?? null;
    if (expected === "any" || actual === (expected === "none" ? null : expected)) return undefined;
    return actual;
  }

  /** Whether the version may be the item's: it is greater than all that it had. */
  put(put: Item, version: number): boolean {
    const had = this.#versions.get(nameOf(put)) ?? [];
    this.#versions.set(nameOf(put), [...had, version]);
    this.items.set(nameOf(put), { item: put, version });
    return version > (had.at(-1) ?? 0);
  }

  list(asked: Asked): Page<Item> {
    const items = [...this.items.values()].map((kept) => kept.item);
    return listFrom(items, asked, listing);
  }
}

/** What was answered, and what is to be. */
type Answer = readonly [actual: unknown, expected: unknown];

/** A repository and the model, to which the same is done. */
class Comparison {
  readonly #repository: RepositoryOf<Definition>;
  readonly #model = new Model();

  constructor(repository: RepositoryOf<Definition>) {
    this.#repository = repository;
  }

  async play(one: Step): Promise<readonly Answer[]> {
    if (one.kind === "query") return this.#query(one);
    const of = one.kind === "put" ? one.item : one.key;
    const key = { branch: of.branch, no: of.no };
    const answer = one.kind === "put" ? await this.#put(one) : await this.#delete(one);
    return [answer, [await this.#repository.get(key), this.#model.items.get(nameOf(key))]];
  }

  async #put({ item: put, expected }: Extract<Step, { kind: "put" }>): Promise<Answer> {
    const expectedVersion = this.#model.expectedOf(put, expected);
    const conflict = this.#model.conflict(put, expectedVersion);
    const outcome = await outcomeOf(this.#repository.put(put, { expectedVersion }));
    if ("actual" in outcome) return [outcome.actual, conflict];
    return [
      [undefined, this.#model.put(put, outcome.done.version)],
      [conflict, true],
    ];
  }

  async #delete({ key: of, expected }: Extract<Step, { kind: "delete" }>): Promise<Answer> {
    const expectedVersion = this.#model.expectedOf(of, expected);
    const conflict = this.#model.conflict(of, expectedVersion);
    const outcome = await outcomeOf(this.#repository.delete({ branch: of.branch, no: of.no }, { expectedVersion }));
    const answered = conflict === undefined ? { done: this.#model.items.has(nameOf(of)) } : { actual: conflict };
    if ("done" in outcome) this.#model.items.delete(nameOf(of));
    return [outcome, answered];
  }

  /** By number, and page behind page to the last. */
  async #query({ asked: first, offset }: Extract<Step, { kind: "query" }>): Promise<readonly Answer[]> {
    const pages: Page<Item>[] = [];
    const byNumber = { ...first, page: { ...first.page, offset } };
    const answers: Answer[] = [[await this.#list(byNumber), this.#model.list(byNumber)]];
    do {
      const page = { ...first, page: { ...first.page, after: pages.at(-1)?.next } };
      pages.push(this.#model.list(page));
      answers.push([await this.#list(page), pages.at(-1)]);
    } while (pages.at(-1)?.next !== undefined);
    return answers;
  }

  #list(asked: Asked): Promise<Page<Item>> {
    return this.#repository.query(asked);
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

function define(name: string): ReadModelDefinition<typeof listing.fields, "branch" | "no", Item> {
  return defineReadModels(name, { listing, indexes: [["owner"], ["balance", "owner"]] }).holding<Item>();
}

describe.each(everyReadModels)("read models in $name", ({ name, open }) => {
  test("answer puts, deletions and listings as a map of items and listFrom do, versions too", async () => {
    const models = await open();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (played) => {
        const definition = define(`round-${round++}`);
        const comparison = new Comparison(await models.repository(definition));
        for (const one of played) for (const [actual, expected] of await comparison.play(one)) expect(actual).toEqual(expected);
        await models.discard(definition.name, 1);
      }),
      { numRuns: name === "PostgreSQL" ? 15 : 50 },
    );
  });
});
