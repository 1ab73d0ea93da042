// Compiled, never run: what must compile, and what must not.
import { Command, createCommandBus, createEventBus, createQueryBus, Event, Query, type MessageClass } from "@reactive-domain/messaging";
import * as v from "valibot";

class Opened extends Event("Opened")<{ accountId: string; owner: string }> {}
class Deposited extends Event("Deposited")<{ accountId: string; amount: number }> {}
class Withdrawn extends Event("Withdrawn", { schema: v.object({ accountId: v.string(), amount: v.number() }), version: 2 }) {}
class Gift extends Event("Gift", { extends: Deposited })<{ from: string }> {}
class Deposit extends Command("Deposit", { schema: v.object({ accountId: v.string(), amount: v.number() }) }) {}
class NextNumber extends Command("NextNumber")<{ series: string }, number> {}
class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
class OwnerOf extends Query("OwnerOf", { schema: v.object({ accountId: v.string() }) })<string> {}

export function payloads(): void {
  const amount: number = new Gift({ accountId: "a", amount: 1, from: "b" }).amount + new Withdrawn({ accountId: "a", amount: 1 }).amount;
  void amount;
  // @ts-expect-error a field of another type
  new Deposited({ accountId: "a", amount: "1" });
  // @ts-expect-error a missing field
  new Deposited({ accountId: "a" });
  // @ts-expect-error an unknown field
  new Deposited({ accountId: "a", amount: 1, currency: "EUR" });
  // @ts-expect-error a derived event has the fields of its base
  new Gift({ from: "b" });
  // @ts-expect-error a field of another type than the schema's
  new Withdrawn({ accountId: 1, amount: 1 });
  // @ts-expect-error an unknown field, beside a schema
  new Deposit({ accountId: "a", amount: 1, currency: "EUR" });
  // @ts-expect-error a payload cannot be changed
  new Deposited({ accountId: "a", amount: 1 }).amount = 2;
}

export function names(): void {
  const base: Deposited = new Gift({ accountId: "a", amount: 1, from: "b" });
  void base;
  // @ts-expect-error another event with the same payload
  const other: Deposited = new Withdrawn({ accountId: "a", amount: 1 });
  void other;
  // @ts-expect-error a command with the same payload
  const command: Deposited = new Deposit({ accountId: "a", amount: 1 });
  void command;
  // @ts-expect-error an object with the same payload
  const plain: Deposited = { accountId: "a", amount: 1 };
  void plain;
  // @ts-expect-error a base event is not the derived one
  const derived: Gift = new Deposited({ accountId: "a", amount: 1 });
  void derived;
}

export function declarations(): void {
  // @ts-expect-error a schema that transforms its value
  Event("Dated", { schema: v.object({ at: v.pipe(v.string(), v.toDate()) }) });
  // @ts-expect-error a schema that fills in defaults, so that what is stored is not what was sent
  Command("Defaulted", { schema: v.object({ at: v.optional(v.string(), "now") }) });
  // @ts-expect-error a schema that answers later
  Query("Asynchronous", { schema: v.objectAsync({ at: v.string() }) });
  // @ts-expect-error a schema of something else than an object
  Event("Named", { schema: v.string() });
  // @ts-expect-error a schema of a list
  Query("Listed", { schema: v.array(v.string()) });
  // @ts-expect-error a schema beside a base
  Event("Given", { extends: Deposited, schema: v.object({ from: v.string() }) });
  // What a check changes without changing its type is not seen by the compiler; it is not stored either.
  Event("Trimmed", { schema: v.object({ name: v.pipe(v.string(), v.trim()) }) });
  // @ts-expect-error a payload that is no object
  class Text extends Event("Text")<string> {}
  void Text;
  // @ts-expect-error a command cannot derive from an event
  Command("Mixed", { extends: Deposited });
  const listed: readonly MessageClass[] = [Opened, Deposited, Withdrawn, Gift, Deposit, BalanceOf];
  void listed;
}

export async function answers(): Promise<void> {
  const commands = createCommandBus();
  const queries = createQueryBus();
  commands.handle(Deposit, async (command) => command.amount);
  commands.handle(NextNumber, ({ series }) => series.length);
  queries.handle(BalanceOf, ({ accountId }, { metadata }) => ({ balance: accountId.length + metadata.timeMs }));
  queries.handle(OwnerOf, async ({ accountId }) => accountId);
  const number: number = await commands.send(new NextNumber({ series: "a" }));
  const { balance } = await queries.ask(new BalanceOf({ accountId: "a" }));
  const sum: number = balance + number;
  const owner: string = await queries.ask(new OwnerOf({ accountId: "a" }));
  void [sum, owner];
  // @ts-expect-error an answer of another type
  commands.handle(NextNumber, () => "one");
  // @ts-expect-error a wrong field in the answer of a query
  queries.handle(BalanceOf, () => ({ balance: "1" }));
  // @ts-expect-error no answer at all
  queries.handle(OwnerOf, () => undefined);
  // @ts-expect-error the answer has no such field
  void (await queries.ask(new BalanceOf({ accountId: "a" }))).owner;
  // @ts-expect-error a query is not sent
  void commands.send(new BalanceOf({ accountId: "a" }));
  // @ts-expect-error a command is not asked
  void queries.ask(new NextNumber({ series: "a" }));
  // @ts-expect-error a query has no handler on a command bus
  commands.handle(BalanceOf, () => ({ balance: 1 }));
}

export async function subscriptions(): Promise<void> {
  const events = createEventBus();
  events.subscribe(Deposited, (event, { signal }) => [event.amount.toFixed(2), signal?.aborted]);
  await events.publish(new Gift({ accountId: "a", amount: 1, from: "b" }));
  // @ts-expect-error the event has no such field
  events.subscribe(Deposited, (event) => event.owner);
  // @ts-expect-error a command is not published
  await events.publish(new Deposit({ accountId: "a", amount: 1 }));
}
