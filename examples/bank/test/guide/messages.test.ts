import {
  boundedContext,
  connect,
  createCommandBus,
  createInMemoryStore,
  Command,
  Event,
  InvalidMessage,
  MessageBuilder,
  metadataOf,
  AggregateRoot,
} from "@reactive-domain/foundation";
import * as v from "valibot";
import { expect, it } from "vitest";

// #region declare
class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
class GiftReceived extends Event("GiftReceived", { extends: AmountDeposited })<{ from: string }> {}
class Deposit extends Command("Deposit", {
  schema: v.object({ accountId: v.string(), amount: v.pipe(v.number(), v.minValue(0.01)) }),
}) {}
class NextNumber extends Command("NextNumber")<{ series: string }, number> {} // its handler answers with a number
// #endregion

// #region empty
class StartDay extends Command("StartDay") {} // new StartDay({}): that it is sent is all it says
// #endregion

it("a message without a payload is made of an empty one", async () => {
  const commands = createCommandBus();
  const started: StartDay[] = [];
  commands.handle(StartDay, (command) => void started.push(command));
  const command = new StartDay({});
  await commands.send(command);
  expect(started).toEqual([command]);
  expect(JSON.stringify(command)).toBe("{}");
});

it("a derived event is also one of its base, and a message's own properties are its payload", () => {
  // #region derive
  const gift = new GiftReceived({ accountId: "a", amount: 50, from: "Ben" });
  const deposited: AmountDeposited = gift; // a gift is a deposit; an event that merely looks like one is not
  // #endregion
  expect(deposited).toBeInstanceOf(AmountDeposited);
  expect(JSON.stringify(gift)).toBe('{"accountId":"a","amount":50,"from":"Ben"}');
});

it("metadata is beside the payload, and a chain of messages shares its correlation id", () => {
  // #region correlate
  const command = MessageBuilder.create(new Deposit({ accountId: "a", amount: 100 }), { actor: "ann", tenant: "north" });
  const event = MessageBuilder.from(command).create(new AmountDeposited({ accountId: "a", amount: 100 }));

  const { id, correlationId } = metadataOf(command); // the first of a chain: both are the same
  const { causationId, actor } = metadataOf(event); // the command's id, and "ann"
  // #endregion
  expect(correlationId).toBe(id);
  expect(metadataOf(event)).toMatchObject({ correlationId, causationId: id, actor: "ann", tenant: "north" });
  expect([causationId, actor]).toEqual([id, "ann"]);
});

it("a bus holds a message against its schema, and infers its answer", async () => {
  let last = 0;
  // #region send
  const commands = createCommandBus();
  commands.handle(NextNumber, () => ++last);
  commands.handle(Deposit, () => undefined);

  const number = await commands.send(new NextNumber({ series: "invoices" })); // a number
  const refused = await commands.send(new Deposit({ accountId: "a", amount: 0 })).catch((error: unknown) => error);
  // #endregion
  expect(number).toBe(1);
  expect(refused).toBeInstanceOf(InvalidMessage);
  expect(refused).toMatchObject({ issues: [{ path: "amount" }] });
});

it("an upcaster brings old events up", async () => {
  // #region upcast
  class AddressChanged extends Event("AddressChanged", {
    version: 2,
    upcasters: { 1: (old: { city: string }) => ({ city: old.city, country: "unknown" }) }, // from version 1 to 2
  })<{ city: string; country: string }> {}
  // #endregion
  class Person extends AggregateRoot {
    static readonly type = "Person";
    address = "";
    constructor(id: string) {
      super(id);
      this.register(AddressChanged, ({ city, country }) => (this.address = `${city}, ${country}`));
    }
  }
  const store = createInMemoryStore();
  const people = connect(boundedContext("people", { aggregates: [Person], events: [AddressChanged] }), store);
  const old = { type: "AddressChanged", schemaVersion: 1, contentType: "application/json", data: '{"city":"Rome"}', metadata: "{}" };
  await store.append("people.person-1", [{ ...old, id: "019b76da-a800-7000-8000-000000000001" }], { expectedVersion: "noStream" });
  expect((await people.repository(Person).getById("1")).address).toBe("Rome, unknown");
});
