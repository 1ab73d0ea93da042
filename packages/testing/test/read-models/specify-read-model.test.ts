import { AssertionError } from "node:assert";
import {
  boundedContext,
  currentRuntime,
  EventBase,
  InvalidArgument,
  MessageBuilder,
  metadataOf,
  ReadModelBase,
  type EventContext,
} from "@reactive-domain/foundation";
import { fixedId, specifyReadModel, type GivenEvent } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, AmountDeposited, Anything, banking, GiftReceived } from "../specification/accounts.ts";
import { Balances, NotThirteen } from "./balances.ts";

const deposited = (amount: number): AmountDeposited => new AmountDeposited({ amount });
const balances = specifyReadModel(() => new Balances());
const noon = new Date("2026-05-01T12:00:00Z");

/** What the handlers were told of given events. */
async function contextsOf(given: readonly GivenEvent[], specification = balances): Promise<readonly EventContext[]> {
  const contexts: EventContext[] = [];
  await specification.given(given).then((model) => void contexts.push(...model.contexts));
  return contexts;
}

const places = (contexts: readonly EventContext[]): readonly string[] =>
  contexts.map(({ stream, version, position, time }) => `${stream} ${version} ${position} ${time.toISOString().slice(0, 16)}`);

describe("a read model with given events", () => {
  it("has handled all of them, in order, when an assertion looks at it", async () => {
    await balances.given([deposited(1), deposited(2)]).then((model) => expect(model.total).toBe(3));
    await balances.given([deposited(1), new GiftReceived({ amount: 2, from: "Ann" })]).then((model) => model.total, 3);
    await balances.given().then((model) => model.total, 0);
  });

  it("is a new one for each expectation", async () => {
    const outcome = balances.given([deposited(1)]);
    await outcome.then((model) => model.total, 1);
    await outcome.then((model) => model.total, 1);
  });

  it("may wait, in handlers, in assertions and in what is selected", async () => {
    class Slow extends ReadModelBase {
      sum = 0;

      constructor() {
        super();
        this.on(AmountDeposited, async ({ amount }) => {
          await Promise.resolve();
          this.sum += amount;
        });
      }
    }
    const slow = specifyReadModel(() => new Slow()).given([deposited(1), deposited(2)]);
    await slow.then(async ({ sum }) => expect(await Promise.resolve(sum)).toBe(3));
    await slow.then(({ sum }) => Promise.resolve(sum), 3);
  });

  it("is told what a store would tell: streams, versions, positions", async () => {
    const given = [
      deposited(1),
      { event: deposited(2), id: "a-2" },
      { event: deposited(3) },
      { event: deposited(4), kind: Account, id: "a-1" },
      { event: deposited(5), stream: "other-1" },
    ];
    expect(places(await contextsOf(given))).toEqual([
      "sample-sample 0 0 2024-01-01T00:00",
      "sample-a-2 0 1 2024-01-01T00:00",
      "sample-sample 1 2 2024-01-01T00:00",
      "account-a-1 0 3 2024-01-01T00:00",
      "other-1 0 4 2024-01-01T00:00",
    ]);
  });

  it("is told of times as they are given: an event without one has that of the event above it, and the first ones that of the first", async () => {
    const given = [
      deposited(1),
      { event: deposited(2), time: noon },
      deposited(3),
      { event: deposited(4), time: new Date(noon.getTime() + 60_000) },
    ];
    const times = (
      await contextsOf(
        given,
        specifyReadModel(() => new Balances(), { time: new Date("2027-01-01T00:00Z") }),
      )
    ).map(({ time }) => time.toISOString().slice(0, 16));
    expect(times).toEqual(["2026-05-01T12:00", "2026-05-01T12:00", "2026-05-01T12:00", "2026-05-01T12:01"]);
  });

  it("sees a clock that stands, at the time of the specification or of the last event, and ids that are the same in every run", async () => {
    class Ticks extends ReadModelBase {
      readonly seen: string[] = [];

      constructor() {
        super();
        this.on(AmountDeposited, () => {
          const { clock, ids } = currentRuntime();
          this.seen.push(`${new Date(clock.now()).toISOString()} ${ids.next()}`);
        });
      }
    }
    const seen = (time: string, ordinal: number): string => `${time}:00.000Z ${fixedId(ordinal)}`;
    const ticks = specifyReadModel(() => new Ticks(), { time: noon });
    await ticks.given([deposited(1), deposited(2)]).then((model) => model.seen, [seen("2026-05-01T12:00", 1), seen("2026-05-01T12:00", 2)]);
    const later = { event: deposited(2), time: new Date("2026-05-02T00:00Z") };
    await ticks.given([deposited(1), later]).then((model) => model.seen, [seen("2026-05-02T00:00", 1), seen("2026-05-02T00:00", 2)]);
  });

  it("is told the metadata of events, and each of them has an id of its own, also where one is given twice", async () => {
    const event = MessageBuilder.create(deposited(1), { id: fixedId(7), actor: "ann" });
    const [first] = await contextsOf([event]);
    expect(first?.metadata).toMatchObject({ id: fixedId(7), actor: "ann" });
    const again = deposited(2);
    expect(await contextsOf([again, again, again])).toHaveLength(3);
    const inContext = specifyReadModel(() => new Balances(), { context: banking });
    const ids = (await contextsOf([again, again], inContext)).map(({ metadata }) => metadata.id);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toBe(metadataOf(again).id);
  });
});

describe("a specification with a context", () => {
  const inBanking = specifyReadModel(() => new Balances(), { context: banking });

  it("hands events over as they are read from a store of the context", async () => {
    const event = deposited(1);
    let handled: EventBase | undefined;
    class Last extends ReadModelBase {
      constructor() {
        super();
        this.on(EventBase, (one) => {
          handled = one;
        });
      }
    }
    await specifyReadModel(() => new Last(), { context: banking })
      .given([event])
      .then(() => undefined);
    expect(handled).toEqual(event);
    expect(handled).not.toBe(event);
    await specifyReadModel(() => new Last())
      .given([event])
      .then(() => undefined);
    expect(handled).toBe(event);
  });

  it("names streams as the context does, and tells what events happened to", async () => {
    const contexts = await contextsOf([deposited(1), { event: deposited(2), kind: Account, id: "a-1" }], inBanking);
    expect(contexts.map(({ stream }) => stream)).toEqual(["banking.sample-sample", "banking.account-a-1"]);
    expect(contexts[1]?.metadata).toMatchObject({ aggregate: { type: "Account", id: "a-1" } });
  });

  it.each([
    ["what the context does not list", new GiftReceived({ amount: 1, from: "Ann" }), "event 1 (GiftReceived) could not be saved"],
    ["what does not fit its schema", deposited("1" as never), "event 1 (AmountDeposited) could not be saved"],
  ])("finds %s", async (_, event, problem) => {
    const error = await failureOf(inBanking.given([event]).then(() => undefined));
    expect(error.message).toContain(`Balances: after 1 event: ${problem}`);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("finds what JSON loses", async () => {
    const anything = boundedContext("anything", { aggregates: [], events: [Anything] });
    const given = (value: unknown) => specifyReadModel(() => new Balances(), { context: anything }).given([new Anything({ value })]);
    await given({ a: [1] }).then((model) => model.values, [{ a: [1] }]);
    const refused = await failureOf(given(new Date(0)).then(() => undefined));
    expect(refused.message).toContain("event 1 (Anything) could not be saved: Anything cannot be stored as JSON: $.value");
    const changed = await failureOf(given(-0).then(() => undefined));
    expect(changed.message).toContain("event 1 (Anything) is not read as it was given.");
  });

  it("refuses kinds that the context does not list", () => {
    expect(() => inBanking.given([{ event: deposited(1), kind: { type: "Account" } }])).toThrow(InvalidArgument);
  });
});

/** The assertion with which a specification fails. */
async function failureOf(specified: Promise<void>): Promise<AssertionError> {
  const error: unknown = await specified.then(
    () => "passed",
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AssertionError);
  return error as AssertionError;
}

describe("an expectation that does not hold", () => {
  it("shows what was given, expected and got, as a difference and in the message", async () => {
    const error = await failureOf(balances.given([deposited(1), deposited(2)]).then((model) => model.total, 4));
    expect(error).toMatchObject({ actual: 3, expected: 4 });
    expect(error.message).toBe(
      [
        "Balances: after 2 events: expected something else of model.total than it got.",
        "Given:\n  1. AmountDeposited { amount: 1 }\n  2. AmountDeposited { amount: 2 }",
        "Expected:\n  4\nGot:\n  3",
      ].join("\n"),
    );
  });

  it("shows the line of the test", async () => {
    const error = await failureOf(balances.given().then((model) => model.total, 4));
    expect(error.stack?.split("\n").find((line) => line.startsWith("    at "))).toContain("specify-read-model.test.ts");
  });

  it("is strict: of classes, and of what is missing and what is undefined", async () => {
    await failureOf(balances.given([new Anything({ value: { a: undefined } })]).then((model) => model.values, [{}]));
    await balances.given([new Anything({ value: { a: undefined } })]).then((model) => model.values, [{ a: undefined }]);
  });

  it("of an assertion is the assertion's own", async () => {
    const own = new Error("mine");
    const specified = balances.given().then(() => {
      throw own;
    });
    await expect(specified).rejects.toBe(own);
  });

  it.each([false, true, 5, "text"])("is no value that an assertion answers with: %j", async (answer) => {
    const error = await failureOf(balances.given().then(() => answer));
    expect(error.message).toContain("Assert in it, or say what is expected: .then(select, expected).");
  });
});

describe("a model that stops", () => {
  const given = balances.given([deposited(1), deposited(13)]);

  it("can be expected, by class, error or code of what a handler throws", async () => {
    await given.then(NotThirteen);
    await given.then(new NotThirteen());
    await given.then({ code: "not-thirteen" });
  });

  it("fails where it is expected to stop otherwise, or not to stop", async () => {
    const other = await failureOf(given.then(RangeError));
    expect(other.message).toContain("Balances: after 2 events: expected to stop with RangeError, got NotThirteen (not-thirteen)");
    expect(other.cause).toBeInstanceOf(NotThirteen);
    const state = await failureOf(given.then((model) => model.total, 1));
    expect(state.message).toContain("expected a state to look at, but FeedFaulted (feed-faulted): Balances stopped taking");
    expect(state.message).toContain("at position 1 (AmountDeposited, version 1 of sample-sample): Thirteen brings bad luck.");
    expect(state.cause).toBeInstanceOf(NotThirteen);
    const none = await failureOf(balances.given([deposited(1)]).then(NotThirteen));
    expect(none.message).toContain("expected to stop with NotThirteen, but it handled everything.");
  });
});

describe("a case without an expectation", () => {
  it("fails where it is awaited, or returned to a test runner", async () => {
    // Typed as nothing: the compiler refuses to await what expects nothing.
    const idle: unknown = balances.given([deposited(1)]);
    await expect((async () => idle)()).rejects.toThrow("A read model: after 1 event: it was awaited, and expects nothing.");
  });
});

describe("what is no specification", () => {
  it.each([undefined, 5, {}])("is refused: made by %s", (create) => {
    expect(() => specifyReadModel(create as never)).toThrow(InvalidArgument);
  });

  it.each([{ time: 5 }, { time: new Date("x") }, { tiem: noon }, null])("is refused: with the options %j", (options) => {
    expect(() => specifyReadModel(() => new Balances(), options as never)).toThrow(InvalidArgument);
  });

  it.each<[string, unknown]>([
    ["no list", deposited(1)],
    ["something else", [{ amount: 1 }]],
    ["nothing", [undefined]],
    ["a stream and an id", [{ event: deposited(1), stream: "a-1", id: "1" }]],
    ["an id that is a number", [{ event: deposited(1), id: 1 }]],
    ["a stream that is a number", [{ event: deposited(1), stream: 1 }]],
    ["a kind without a type", [{ event: deposited(1), kind: {} }]],
    ["no time", [{ event: deposited(1), time: new Date("x") }]],
    [
      "a time that goes back",
      [
        { event: deposited(1), time: noon },
        { event: deposited(1), time: new Date(0) },
      ],
    ],
  ])("is refused: given %s", (_, given) => {
    expect(() => balances.given(given as never)).toThrow(InvalidArgument);
  });

  it("is refused: expecting what is no expectation, or made of what is no new read model", async () => {
    const shared = new Balances();
    for (const specified of [
      balances.given().then(5 as never),
      balances.given().then(NotThirteen as never, 5 as never),
      specifyReadModel(() => ({}) as Balances)
        .given()
        .then(() => undefined),
    ])
      await expect(specified).rejects.toBeInstanceOf(InvalidArgument);
    const same = specifyReadModel(() => shared).given();
    await same.then(() => undefined);
    await expect(same.then(() => undefined)).rejects.toThrow("a new read model each time");
  });
});
