import {
  AggregateRoot,
  AlreadyCorrelated,
  boundedContext,
  connect,
  MessageBuilder,
  metadataOf,
  type MessageMetadata,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, AmountDeposited, Deposit, Notebook, openBank, refusalOf, type Bank } from "../banking.ts";
import { storedIn, versionsIn } from "../repositories/stored-events.ts";

const STREAM = "banking.account-a-1";
const deposit = (): Deposit => new Deposit({ accountId: "a-1", amount: 5 });

/** The metadata of the events that are stored. */
async function metadataIn({ bank, store }: Bank): Promise<readonly MessageMetadata[]> {
  const events = await Promise.all((await storedIn(store, STREAM)).map(async (event) => bank.serializer.deserialize(event)));
  return events.flat().map((event) => metadataOf(event));
}

describe.each(everyStore)("aggregates whose events are in $name", ({ open }) => {
  it("A1, A2: expect no stream before the first event, and the version of the last one thereafter", async () => {
    const { accounts, store } = openBank(await open());
    const account = new Account("a-1");
    expect(account.expectedVersion).toBe("noStream");
    account.deposit(5);
    await accounts.save(account);
    expect(account.expectedVersion).toBe(0);
    expect(account.takeEvents()).toEqual([]);
    expect(account.expectedVersion).toBe(0);
    const loaded = await accounts.getById("a-1");
    expect(loaded.expectedVersion).toBe(0);
    loaded.deposit(5);
    await accounts.save(loaded);
    expect(await versionsIn(store, STREAM)).toEqual([0, 1]);
  });

  it("A3, A4: fold what is replayed once, record none of it as new, and pass over what has no route", async () => {
    const { accounts, store } = openBank(await open());
    const account = new Account("a-1");
    account.open("Ann");
    account.deposit(5);
    account.receiveGift(2, "Ben");
    await accounts.save(account);
    expect((await storedIn(store, STREAM)).map(({ type }) => type)).toEqual(["AccountOpened", "AmountDeposited", "GiftReceived"]);
    const loaded = await accounts.getById("a-1");
    expect(loaded.balance).toBe(7);
    expect(loaded.pendingEvents).toEqual([]);
    expect(loaded.expectedVersion).toBe(2);
  });

  it("A5: that are strict write nothing of an event without a route, and load what others have written", async () => {
    class Strict extends AggregateRoot {
      static readonly type = "Account";
      #deposits = 0;
      constructor(id: string) {
        super(id, { strictRoutes: true });
        this.register(AmountDeposited, () => void this.#deposits++);
      }
      get deposits(): number {
        return this.#deposits;
      }
      happen(event: AccountOpened | AmountDeposited): void {
        this.raise(event);
      }
    }
    const { accounts, store } = openBank(await open());
    const account = new Account("a-1");
    account.open("Ann");
    account.deposit(5);
    await accounts.save(account);
    const context = boundedContext("banking", { aggregates: [Strict], events: [AccountOpened, AmountDeposited] });
    const stricts = connect(context, store).repository(Strict);
    const strict = await stricts.getById("a-1");
    expect(strict.deposits).toBe(1);
    expect(refusalOf(() => strict.happen(new AccountOpened({ accountId: "a-1", owner: "Ben" })))).toMatchObject({
      code: "event-not-routed",
    });
    expect(await stricts.save(strict)).toEqual({ events: 0, position: null, repeated: false });
    expect(await versionsIn(store, STREAM)).toEqual([0, 1]);
  });

  it("A8, A9: keep the chain of their command, whose own id stands for an empty correlation id", async () => {
    const opened = openBank(await open());
    const accounts = opened.bank.correlatedRepository(Account);
    const first = MessageBuilder.from(deposit()).create(deposit());
    const account = accounts.create("a-1", first);
    account.deposit(5);
    account.deposit(6);
    await accounts.save(account);
    const second = MessageBuilder.create(deposit(), { correlationId: "" });
    const again = await accounts.getById("a-1", second);
    again.deposit(7);
    await accounts.save(again);
    const [one, two] = [metadataOf(first), metadataOf(second)];
    expect(one.correlationId).not.toBe(one.id);
    expect(await metadataIn(opened)).toMatchObject([
      { correlationId: one.correlationId, causationId: one.id },
      { correlationId: one.correlationId, causationId: one.id },
      { correlationId: two.id, causationId: two.id },
    ]);
  });

  it("A11: write nothing of an event that another message has led to, and all else", async () => {
    const { bank, store } = openBank(await open());
    const notebooks = bank.correlatedRepository(Notebook);
    const foreign = MessageBuilder.from(deposit()).create(new AmountDeposited({ accountId: "a-1", amount: 5 }));
    const notebook = notebooks.create("n-1", deposit());
    expect(() => notebook.note(foreign)).toThrow(AlreadyCorrelated);
    notebook.note(new AmountDeposited({ accountId: "a-1", amount: 6 }));
    expect(await notebooks.save(notebook)).toMatchObject({ events: 1 });
    expect((await storedIn(store, "banking.notebook-n-1")).map(({ data }) => data)).toEqual(['{"accountId":"a-1","amount":6}']);
  });

  it("A12: raise no more once they are saved, and carry the next command's chain when they are fetched for it", async () => {
    const opened = openBank(await open());
    const accounts = opened.bank.correlatedRepository(Account);
    const [first, second] = [deposit(), deposit()];
    const account = accounts.create("a-1", first);
    account.deposit(5);
    await accounts.save(account);
    expect(refusalOf(() => account.deposit(6))).toMatchObject({ code: "unit-of-work-ended" });
    expect(account.pendingEvents).toEqual([]);
    const fetched = await accounts.getById("a-1", second);
    fetched.deposit(7);
    await accounts.save(fetched);
    const causes = (await metadataIn(opened)).map(({ causationId }) => causationId);
    expect(causes).toEqual([metadataOf(first).id, metadataOf(second).id]);
  });
});
