// Compiled, never run: what must compile, and what must not.
import {
  Command,
  createCommandBus,
  createEventBus,
  createMessageCatalog,
  createQueryBus,
  Event,
  metadataKey,
  metadataOf,
  Query,
  type MessageClass,
} from "@reactive-domain/messaging";
import * as v from "valibot";

class Opened extends Event("Opened")<{ accountId: string; owner: string }> {}
class Deposited extends Event("Deposited")<{ accountId: string; amount: number }> {}
class Withdrawn extends Event("Withdrawn", { schema: v.object({ accountId: v.string(), amount: v.number() }), version: 2 }) {}
class Gift extends Event("Gift", { extends: Deposited })<{ from: string }> {}
class Deposit extends Command("Deposit", { schema: v.object({ accountId: v.string(), amount: v.number() }) }) {}
class NextNumber extends Command("NextNumber")<{ series: string }, number> {}
class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
class LinesOf extends Query("LinesOf")<{ accountId: string }, AsyncIterable<{ amount: number }>> {}
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

class Reset extends Command("Reset") {}
class Stopped extends Event("Stopped", { version: 2 }) {
  get isLast(): boolean {
    return true;
  }
}

export async function withoutPayload(): Promise<void> {
  const command = new Reset({});
  const isLast: boolean = new Stopped({}).isLast;
  const commands = createCommandBus();
  commands.handle(Reset, () => undefined);
  const nothing: void = await commands.send(command);
  createEventBus().subscribe(Stopped, (event: Stopped) => event.isLast);
  const listed: readonly MessageClass[] = [Reset, Stopped];
  void [isLast, nothing, listed];
  // @ts-expect-error a field that nobody has declared
  new Reset({ at: 1 });
  // @ts-expect-error a field that nobody has declared
  void command.at;
  // @ts-expect-error another command without a payload
  const other: Reset = new (class Halt extends Command("Halt") {})({});
  void other;
  // @ts-expect-error the answer of a query is always said
  class Nothing extends Query("Nothing") {}
  void Nothing;
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
  // @ts-expect-error a sensitive field that the schema does not have
  Command("Paid", { schema: v.object({ card: v.string() }), sensitive: ["crad"] });
  // @ts-expect-error a way that begins at no field of the schema
  Event("Paid", { schema: v.object({ card: v.object({ number: v.string() }) }), sensitive: ["crad.number"] });
  // @ts-expect-error a text in place of a list
  Query("Paid", { schema: v.object({ card: v.string() }), sensitive: "card" });
  // @ts-expect-error a text in place of a list, without a schema
  Query("Paid", { sensitive: "card" });
  const card = v.object({ card: v.object({ number: v.string() }), pin: v.optional(v.string()) });
  Command("Paid", { schema: card, sensitive: ["card.number", "pin"] });
  Event("Paid", { schema: v.union([card, v.object({ iban: v.string() })]), sensitive: ["iban", "card"] });
  Query("Paid", { schema: v.record(v.string(), v.string()), sensitive: ["iban", "card"] });
  class Inferred extends Command("Inferred", { sensitive: ["card"], schema: card, subject: "pin" })<number> {}
  const inferred: string = new Inferred({ card: { number: "1" } }).card.number;
  void inferred;
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
  queries.handle(BalanceOf, ({ accountId }, context) => ({ balance: accountId.length + context.metadata.timeMs }));
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

export async function streams(): Promise<void> {
  const queries = createQueryBus();
  queries.handle(LinesOf, async function* ({ accountId }, { signal }) {
    if (signal?.aborted !== true) yield { amount: accountId.length };
  });
  queries.handle(LinesOf, async () => ReadableStream.from([{ amount: 1 }]));
  for await (const { amount } of queries.stream(new LinesOf({ accountId: "a" }), {})) {
    const known: number = amount;
    void known;
  }
  queries.handle(
    LinesOf,
    // @ts-expect-error another type of parts
    async function* () {
      yield { amount: "1" };
    },
  );
  // @ts-expect-error a list, which does not come bit by bit
  queries.handle(LinesOf, () => [{ amount: 1 }]);
  // @ts-expect-error a query with an answer that comes at once
  queries.stream(new BalanceOf({ accountId: "a" }));
  // @ts-expect-error a command is not asked
  queries.stream(new NextNumber({ series: "a" }));
}

export function keys(): void {
  const Ip = metadataKey<string>("ip");
  const Till = metadataKey("till", { schema: v.object({ number: v.number() }) });
  const event: Deposited = Ip.write(new Deposited({ accountId: "a", amount: 1 }), "192.0.2.1");
  const sum: number = Till.read(event).number + (Till.tryRead(metadataOf(event))?.number ?? 0);
  void sum;
  // @ts-expect-error a value of another type
  Ip.write(event, 1);
  // @ts-expect-error no value
  Till.write(event, null);
  // @ts-expect-error it may be missing
  void Till.tryRead(event).number;
  // @ts-expect-error nothing to have metadata
  Ip.read({ amount: 1 });
  const catalog = createMessageCatalog([Deposited, Gift, Deposit, BalanceOf]);
  const given: readonly MessageClass<Deposited>[] = catalog.descendantsOf(Deposited);
  void given;
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
