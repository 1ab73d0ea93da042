import { AssertionError } from "node:assert";
import { currentRuntime } from "@reactive-domain/foundation";
import { specifyReadModel } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { AmountDeposited, banking, Anything } from "../specification/accounts.ts";
import { Balances, Sum } from "./balances.ts";

const deposits = (...amounts: readonly number[]): readonly AmountDeposited[] => amounts.map((amount) => new AmountDeposited({ amount }));

/** How a specification fails that expects nothing of its own. */
async function problemOf(create: () => Sum, given = deposits(1, 2, 3)): Promise<string> {
  const failed: unknown = await specifyReadModel(create)
    .given(given)
    .then(() => undefined)
    .then(
      () => "passed",
      (error: unknown) => error,
    );
  expect(failed).toBeInstanceOf(AssertionError);
  return (failed as Error).message;
}

describe("a read model that is sound", () => {
  it("passes: restored anywhere it tells the same in the end, by whatever serializer", async () => {
    await specifyReadModel(() => new Sum())
      .given(deposits(1, 2, 3))
      .then((model) => [model.sum, model.count], [6, 3]);
    await specifyReadModel(() => new Sum(), { context: banking })
      .given(deposits(1, 2))
      .then((model) => model.sum, 3);
    await specifyReadModel(() => new Sum())
      .given()
      .then((model) => model.sum, 0);
  });

  it("may have a long history: it is stopped at some places then", async () => {
    let models = 0;
    const create = (): Sum => {
      models++;
      return new Sum();
    };
    await specifyReadModel(create)
      .given(deposits(...Array.from({ length: 200 }, (_, index) => index)))
      .then((model) => model.sum, 19_900);
    expect(models).toBeLessThan(40);
  });
});

describe("a handler that changes its events", () => {
  it("fails, also deep within them, whether they are handed over or read", async () => {
    const spoil = (): Sum =>
      new Sum({
        handle: (_, event) => {
          Object.assign(event, { amount: event.amount + 1 });
        },
      });
    const problem = await problemOf(spoil);
    expect(problem).toContain("Sum: after 3 events: a handler changes the AmountDeposited that it is given, which others are given, too.");
    expect(problem).toContain("Given:\n  { amount: 1 }\nLeft behind:\n  { amount: 2 }");
    await expect(
      specifyReadModel(spoil, { context: banking })
        .given(deposits(1))
        .then(() => undefined),
    ).rejects.toThrow("a handler changes the AmountDeposited");

    class Greedy extends Balances {
      constructor() {
        super();
        this.on(Anything, ({ value }) => void (value as { list: unknown[] }).list.pop());
      }
    }
    await expect(
      specifyReadModel(() => new Greedy())
        .given([new Anything({ value: { list: [1, 2] } })])
        .then(() => undefined),
    ).rejects.toThrow("a handler changes the Anything");
  });
});

describe("snapshots of a read model", () => {
  it("are refused where they are no JSON", async () => {
    const problem = await problemOf(() => new Sum({ take: ({ sum }) => ({ sum, at: new Date(0) }) }));
    expect(problem).toContain("its snapshot holds what JSON does not: $.at");
  });

  it("are refused where taking one changes something", async () => {
    const problem = await problemOf(() => new Sum({ take: (model) => ({ sum: model.sum, count: model.count++ }) }));
    expect(problem).toContain("its takeSnapshot tells something else the second time");
  });

  it("are refused where what is looked at is not in them", async () => {
    const specified = specifyReadModel(() => new Sum({ take: ({ sum }) => ({ sum }) })).given(deposits(1, 2));
    await specified.then((model) => model.sum, 3);
    await expect(specified.then(({ count }) => count, 2)).rejects.toThrow(
      "Sum: after 2 events: restored from its snapshot before the first event, it tells something else by count in the end than without a stop.",
    );
  });

  it("are refused where restoring loses something that later events need", async () => {
    const forgetful = (): Sum => new Sum({ take: ({ sum, count, last }) => ({ sum, count, last }) });
    const problem = await problemOf(forgetful);
    expect(problem).toContain("restored from its snapshot behind event 3, it tells another one in the end than without a stop.");
    expect(problem).toContain(
      "Snapshot:\n  { sum: 6, count: 3, last: 3 }\nWithout a stop:\n  { sum: 6, count: 3, last: 3 }\nRestored:\n  { sum: 6, count: 3, last: 0 }",
    );
  });

  it("are refused where one cannot be restored, or stops the model", async () => {
    const problem = await problemOf(
      () =>
        new Sum({
          restored: ({ count }) => {
            if (count === 2) throw new RangeError("Too much.");
          },
        }),
    );
    expect(problem).toContain("restored from its snapshot behind event 2, it stops: RangeError: Too much.");
  });

  it("are refused where the state follows from something else than the events", async () => {
    let seen = 0;
    const shared = (): Sum =>
      new Sum({
        handle: (model) => {
          model.sum += seen++;
        },
      });
    expect(await problemOf(shared)).toContain("its snapshot is another one where its events come one by one");
    const made = (): Sum =>
      new Sum({
        handle: (model) => {
          model.count = Number(currentRuntime().ids.next().slice(-2));
        },
      });
    expect(await problemOf(made)).toContain("it tells another one in the end than without a stop");
  });
});
