import { position } from "@reactive-domain/core";
import {
  defineReadModels,
  type GenerationRecord,
  type ProjectionRecord,
  type ProjectionStore,
  type ReadModels,
} from "@reactive-domain/persistence";
import { createInMemoryReadModels } from "@reactive-domain/persistence/in-memory";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { AccountView } from "../read-models/account-views.ts";
import { accountViews, entry, type accounts } from "./account-projection.ts";

vi.setConfig({ testTimeout: 120_000 });

type Shape = typeof accountViews;

interface Names {
  readonly name: string;
  /** By their schema versions. */
  readonly shapes: readonly [Shape, Shape];
}

const nth = fc.integer({ min: 0, max: 3 });
const places = fc.option(fc.integer({ min: 0, max: 4 }));
const key = fc.constantFrom("a-1", "a-2", "a-3");
const item = fc.record({ accountId: key, owner: fc.option(fc.constantFrom("Ann", "Bob")), balanceCents: fc.integer({ min: 0, max: 2 }) });
const items = fc.uniqueArray(item, { selector: ({ accountId }) => accountId, maxLength: 3 });
const state = fc.constantFrom("failing" as const, "parked" as const, "waiting" as const, "replay" as const);
const entries = fc.uniqueArray(
  fc
    .tuple(fc.integer({ min: 0, max: 2 }), key, state, fc.constantFrom("one", "two"))
    .map(([at, of, is, error]) => entry(at, is, { key: of, error })),
  { selector: (one) => `${one.position} ${one.key}`, maxLength: 3 },
);

/** A call, by numbers: generations and tokens are told by how old they are. */
const step = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("define" as const),
      version: fc.constantFrom(1, 2),
      shape: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("build" as const),
      version: fc.constantFrom(1, 2),
      shape: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("acquire" as const), generation: nth, worker: fc.constantFrom("ann", "ann", "ann", "bob") }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("renew" as const), generation: nth, isOld: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), generation: nth, isOld: fc.boolean() }) },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      generation: nth,
      isOld: fc.integer({ min: 0, max: 9 }).map((digit) => digit === 0),
      isStale: fc.integer({ min: 0, max: 9 }).map((digit) => digit === 0),
      expected: fc.oneof({ weight: 4, arbitrary: fc.constant("current" as const) }, { weight: 1, arbitrary: places }),
      to: places,
      lane: fc.constantFrom(0, 0, 0, 1),
      puts: items,
      deletes: fc.uniqueArray(key, { maxLength: 1 }),
      entries,
      settled: entries,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("amend" as const), isThere: fc.boolean(), puts: items, settled: entries }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("replay" as const), error: fc.option(fc.constantFrom("o", "two"), { nil: undefined }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("pause" as const), until: fc.constantFrom(null, null, new Date(0), new Date("2999-01-01")) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset" as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("swap" as const), generation: nth, notBehind: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), generation: nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lanes" as const), generation: nth, lanes: fc.constantFrom(1, 2) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A store to which is done what is done to the others, in its own tokens. */
class Player {
  readonly #models: ReadModels;
  readonly #projections: ProjectionStore;
  readonly #names: Names;
  #record: ProjectionRecord | undefined;

  constructor(models: ReadModels, names: Names) {
    this.#models = models;
    this.#projections = models.projections;
    this.#names = names;
  }

  /** What was answered, in words that all stores share. */
  async play(one: Step): Promise<unknown> {
    const answer = await this.#do(one).catch((error: unknown) => (error as { readonly code?: unknown }).code ?? error);
    this.#record = await this.#projections.find(this.#names.name);
    return [answer, await this.#state()];
  }

  #do(one: Step): Promise<unknown> {
    const { name } = this.#names;
    switch (one.kind) {
      case "define":
      case "build":
        return this.#projections[one.kind](this.#making(one.version, one.shape)).then(told);
      case "acquire":
        return this.#projections.acquire({ ...this.#ref(one.generation), worker: one.worker, leaseMs: 600_000 }).then(toldAcquisition);
      case "renew":
        return this.#projections.renew({ ...this.#held(one), worker: "ann", leaseMs: 600_000 }).then((record) => record && told(record));
      case "release":
        return this.#projections.release(this.#held(one));
      case "commit":
        return this.#commit(one);
      case "amend":
        return this.#amend(one);
      case "replay":
        return this.#projections.replay(name, one.error === undefined ? {} : { error: one.error });
      default:
        return this.#projections
          .change(name, "generation" in one ? { ...one, generation: this.#ref(one.generation).generation } : one)
          .then(told);
    }
  }

  #commit({
    expected,
    to,
    lane,
    puts,
    deletes,
    isStale,
    entries: put,
    settled,
    ...held
  }: Extract<Step, { readonly kind: "commit" }>): Promise<void> {
    const current = this.#generation(held.generation)?.lanes[lane] ?? null;
    const from = expected === "current" ? current : expected;
    const moves = [{ lane, expected: from === null ? null : position(from), position: to === null ? null : position(to) }];
    const documents = {
      shape: this.#names.shapes[0],
      puts,
      deletes: deletes.filter((gone) => puts.every(({ accountId }) => accountId !== gone)),
    };
    const revision = (this.#record?.revision ?? 1) - (isStale ? 1 : 0);
    return this.#projections.commit({ ...this.#held(held), revision, moves, handled: puts.length, documents, entries: put, settled });
  }

  #amend({ isThere, puts, settled }: Extract<Step, { readonly kind: "amend" }>): Promise<void> {
    const live = this.#record?.generations.find(({ status }) => status === "live");
    const lanes = isThere ? (live?.lanes ?? [null]) : [position(77)];
    const documents = { shape: this.#names.shapes[0], puts, deletes: [] };
    return this.#projections.amend({ projection: this.#names.name, lanes, documents, settled });
  }

  #making(version: number, shape: 0 | 1): ReturnType<typeof accounts> {
    return { name: this.#names.name, version, shape: { kind: "documents", shape: this.#names.shapes[shape] } };
  }

  #generation(age: number): GenerationRecord | undefined {
    return this.#record?.generations[age];
  }

  #ref(age: number): { readonly projection: string; readonly generation: number } {
    return { projection: this.#names.name, generation: this.#generation(age)?.generation ?? 99 };
  }

  #held({ generation, isOld }: { readonly generation: number; readonly isOld: boolean }) {
    const fence = this.#generation(generation)?.fence ?? 1;
    return { ...this.#ref(generation), fence: (isOld ? fence + 1_000_000 : fence) as NonNullable<GenerationRecord["fence"]> };
  }

  /** All that there is to see. */
  async #state(): Promise<unknown> {
    if (this.#record === undefined) return undefined;
    const { name, shapes } = this.#names;
    const generations: unknown[] = [];
    for (const { generation } of this.#record.generations) {
      const ref = { projection: name, generation };
      const rows = await this.#projections.documents(ref, { shape: shapes[0], keys: ["a-1", "a-2", "a-3"] });
      const all = await this.#projections.entries(ref);
      generations.push([rows, all.map(({ since, ...rest }) => [rest, since instanceof Date])]);
    }
    return { record: told(this.#record), generations, seen: await this.#seen() };
  }

  /** What repositories of the live generation's definition see. */
  async #seen(): Promise<unknown> {
    const live = this.#record?.generations.find(({ status }) => status === "live")?.version;
    const { items: found } = await (await this.#models.repository(this.#names.shapes[live === 2 ? 1 : 0])).query({});
    return found;
  }
}

/** Without what differs by clocks and counters. */
function told({ generations, revision, pausedUntil }: ProjectionRecord): unknown {
  return {
    revision,
    pausedUntil,
    generations: generations.map(({ fence, madeAt, leaseUntil, ...rest }) => ({
      ...rest,
      isFenced: fence !== null,
      isMade: madeAt instanceof Date,
      isLeased: leaseUntil !== null,
    })),
  };
}

function toldAcquisition(answer: Awaited<ReturnType<ProjectionStore["acquire"]>>): unknown {
  return "heldBy" in answer ? answer.heldBy : [answer.wasAbandoned, told(answer.record)];
}

function namesOf(round: number): Names {
  const define = (schemaVersion: number) =>
    defineReadModels(`round-${round}`, { listing: accountViews.listing, indexes: [["owner"]], schemaVersion }).holding<AccountView>();
  return { name: `round-${round}`, shapes: [define(1), define(2)] };
}

/** A definition's version goes with the schema version, as those who build make it. */
function consistent(one: Step): Step {
  return "shape" in one ? { ...one, shape: one.version === 2 ? 1 : 0 } : one;
}

describe.each(everyReadModels)("projections in $name", ({ name, open }) => {
  test("answer any calls as those in memory do", async () => {
    const models = await open();
    await using model = createInMemoryReadModels();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const names = namesOf(round++);
        const [own, expected] = [new Player(models, names), new Player(model, names)];
        const first: Step = { kind: "define", version: 1, shape: 0 };
        for (const one of [first, ...steps.map(consistent)]) expect(await own.play(one)).toEqual(await expected.play(one));
        await models.projections.remove(names.name);
      }),
      { numRuns: name === "PostgreSQL" ? 15 : 40 },
    );
  });
});
