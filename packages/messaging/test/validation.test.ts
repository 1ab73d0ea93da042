import { runInNewContext } from "node:vm";
import { Command, createCommandBus, createQueryBus, Event, InvalidMessage, Query, validate } from "@reactive-domain/messaging";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { CloseAccount, Deposit } from "./banking.ts";
import { refusalOf, rejectionOf } from "./refusal.ts";

const line = v.object({ sku: v.string(), price: v.pipe(v.number(), v.minValue(1, "at least 1")) });

class PlaceOrder extends Command("PlaceOrder", {
  schema: v.object({ customer: v.object({ name: v.pipe(v.string(), v.nonEmpty("a name is needed")) }), lines: v.array(line) }),
}) {}
class OrdersBetween extends Query("OrdersBetween", {
  schema: v.pipe(
    v.object({ from: v.number(), to: v.number() }),
    v.check(({ from, to }) => from <= to, "from is after to"),
  ),
})<readonly string[]> {}

/** A schema that says nothing of being asynchronous, and may answer later or wrongly all the same. */
function schemaThatAnswers(answer: unknown): StandardSchemaV1<{ accountId: string }> {
  return { "~standard": { version: 1, vendor: "test", validate: () => answer as StandardSchemaV1.Result<{ accountId: string }> } };
}

describe("a message that does not fit its schema", () => {
  it("D21: is refused with every fault and the way to it", () => {
    const order = new PlaceOrder({
      customer: { name: "" },
      lines: [
        { sku: "pen", price: 2 },
        { sku: "ink", price: 0 },
      ],
    });
    const refusal = refusalOf(() => validate(order));
    const issues = [
      { path: "customer.name", message: "a name is needed" },
      { path: "lines.1.price", message: "at least 1" },
    ];
    expect(refusal).toBeInstanceOf(InvalidMessage);
    expect(refusal).toMatchObject({
      code: "invalid-message",
      retryable: false,
      message: "PlaceOrder does not fit its schema: customer.name: a name is needed; lines.1.price: at least 1",
      details: { type: "PlaceOrder", issues },
      issues,
    });
  });

  it("D21: has an empty path for a fault of the whole payload", () => {
    expect(refusalOf(() => validate(new OrdersBetween({ from: 2, to: 1 })))).toMatchObject({
      message: "OrdersBetween does not fit its schema: from is after to",
      issues: [{ path: "", message: "from is after to" }],
    });
  });

  it("D21: is refused by the command bus before its handler runs", async () => {
    const handled: PlaceOrder[] = [];
    const commands = createCommandBus();
    commands.handle(PlaceOrder, (order) => handled.push(order));
    const refusal = await rejectionOf(commands.send(new PlaceOrder({ customer: { name: "" }, lines: [] })));
    expect(refusal).toMatchObject({ code: "invalid-message", issues: [{ path: "customer.name", message: "a name is needed" }] });
    expect(handled).toEqual([]);
    await commands.send(new PlaceOrder({ customer: { name: "Ann" }, lines: [] }));
    expect(handled).toEqual([new PlaceOrder({ customer: { name: "Ann" }, lines: [] })]);
  });

  it("D21: is refused by the query bus before its handler runs", async () => {
    const handled: OrdersBetween[] = [];
    const queries = createQueryBus();
    queries.handle(OrdersBetween, (query) => {
      handled.push(query);
      return [];
    });
    expect(await rejectionOf(queries.ask(new OrdersBetween({ from: 2, to: 1 })))).toMatchObject({ code: "invalid-message" });
    expect(handled).toEqual([]);
  });

  it("D21: is refused where fields are missing, as they may be in what came over a wire", () => {
    const untyped: unknown = { accountId: 7 };
    expect(refusalOf(() => validate(new Deposit(untyped as { accountId: string; amount: number })))).toMatchObject({
      issues: [{ path: "accountId" }, { path: "amount" }],
    });
  });

  it("D21: is refused also when a field of it is called constructor", () => {
    const hostile: unknown = { accountId: 7, amount: -1, constructor: { definition: {} } };
    expect(refusalOf(() => validate(new Deposit(hostile as { accountId: string; amount: number })))).toMatchObject({
      code: "invalid-message",
    });
  });
});

describe("a message passes", () => {
  it("when it fits its schema", () => {
    expect(validate(new Deposit({ accountId: "a-1", amount: 0.01 }))).toBeUndefined();
  });

  it("when its class has no schema, whatever it holds", () => {
    const untyped: unknown = { accountId: 7, further: [] };
    expect(validate(new CloseAccount(untyped as { accountId: string }))).toBeUndefined();
  });
});

describe("a schema that answers later", () => {
  it("is refused when a message is held against it", () => {
    class Frozen extends Event("Frozen", { schema: schemaThatAnswers(Promise.resolve({ value: { accountId: "a-1" } })) }) {}
    expect(refusalOf(() => validate(new Frozen({ accountId: "a-1" })))).toMatchObject({
      code: "invalid-argument",
      message: 'The schema of Frozen must be synchronous, but is "a promise". Check what needs waiting in the handler.',
    });
  });

  it("does not bring the process down when it fails afterwards", () => {
    const failing = Promise.reject(new Error("the registry is away"));
    class Frozen extends Event("Frozen", { schema: schemaThatAnswers(failing) }) {}
    expect(refusalOf(() => validate(new Frozen({ accountId: "a-1" })))).toMatchObject({ code: "invalid-argument" });
  });
});

describe("a schema that does not answer as it should", () => {
  const validateWith = (answer: unknown): unknown => {
    class Frozen extends Event("Frozen", { schema: schemaThatAnswers(answer) }) {}
    return refusalOf(() => validate(new Frozen({ accountId: "a-1" })));
  };

  it("is refused where it answers later by a promise that is none of ours", () => {
    // A promise of another realm is none of this one's.
    const foreign: unknown = runInNewContext("Promise.reject(new Error('the registry is away'))");
    expect(validateWith(foreign)).toMatchObject({
      code: "invalid-argument",
      details: { argument: "The schema of Frozen", expected: "synchronous" },
    });
  });

  it.each([undefined, null, "fits", { issues: null }, { issues: "no" }])("is refused: %j", (answer) => {
    expect(validateWith(answer)).toMatchObject({ code: "invalid-argument", details: { argument: "What the schema of Frozen answers" } });
  });

  it("has its faults told as far as they say anything", () => {
    const issues = [
      null,
      { message: undefined, path: null },
      { message: "is wrong", path: ["lines", null, { key: 2 }, { key: Object.create(null) }, undefined] },
      { message: { text: "no" }, path: "lines" },
    ];
    expect(validateWith({ issues })).toMatchObject({
      code: "invalid-message",
      issues: [
        { path: "", message: "undefined" },
        { path: "", message: "undefined" },
        { path: "lines.null.2.an object.undefined", message: "is wrong" },
        { path: "", message: "an object" },
      ],
    });
  });
});

describe("a message of a derived class", () => {
  class Payment extends Command("Payment", {
    schema: v.object({ amount: v.pipe(v.number(), v.minValue(0.01)), payer: v.optional(v.string()) }),
    subject: "payer",
    sensitive: ["payer"],
  }) {}
  class CardPayment extends Command("CardPayment", { extends: Payment, sensitive: ["card"] })<{ card: string }> {}

  it("D21: is held against the schema of its base, too", () => {
    expect(refusalOf(() => validate(new CardPayment({ amount: -5, card: "1234" })))).toMatchObject({ issues: [{ path: "amount" }] });
    expect(validate(new CardPayment({ amount: 5, card: "1234" }))).toBeUndefined();
  });

  it("has the sensitive fields and the subject of its base", () => {
    expect(CardPayment.definition).toMatchObject({ subject: "payer", sensitive: ["payer", "card"] });
  });
});
