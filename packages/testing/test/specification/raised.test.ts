import {
  AggregateRoot,
  createInMemoryStore,
  connect,
  boundedContext,
  derivedId,
  Event,
  InvalidArgument,
  MessageBuilder,
  metadataOf,
  type EventBase,
} from "@reactive-domain/foundation";
import { fixedId, specify } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import {
  Account,
  accounts,
  AmountDeposited,
  Anything,
  banking,
  Deposit,
  GiftReceived,
  InsufficientFunds,
  Ticked,
  Withdraw,
} from "./accounts.ts";
import { broken } from "./broken.ts";

const account = specify(Account);
const deposited = (amount: number): AmountDeposited => new AmountDeposited({ amount });

describe("what is raised", () => {
  const raising = (event: EventBase) => account.when((one) => one.note(event));

  it("A8: belongs to the chain of the command, under the ids that a repository gives", async () => {
    const command = MessageBuilder.create(new Deposit({ amount: 1 }), { id: "c-1", correlationId: "chain" });
    const seen: EventBase[] = [];
    specify(Account, {
      context: banking,
      id: "a-1",
      handle: (one, { amount }: Deposit) => {
        one.deposit(amount);
        seen.push(...one.pendingEvents);
      },
    })
      .when(command)
      .then([deposited(1)]);
    await using store = createInMemoryStore();
    const repository = connect(banking, store).correlatedRepository(Account);
    const saved = repository.create("a-1", command);
    saved.deposit(1);
    const [pending] = saved.pendingEvents;
    expect(seen.map((event) => metadataOf(event))).toMatchObject([{ correlationId: "chain", causationId: "c-1" }]);
    expect(seen.map((event) => metadataOf(event).id)).toEqual([pending && metadataOf(pending).id]);
  });

  it("gives each command an id of its own, which stays when it is sent later", () => {
    const [one, other] = [new Deposit({ amount: 1 }), new Deposit({ amount: 1 })];
    for (const command of [one, other])
      specify(accounts)
        .when(command)
        .then([deposited(1)]);
    expect(metadataOf(one).id).not.toBe(metadataOf(other).id);
  });

  it("works for the source that is named", () => {
    const source = MessageBuilder.create(new Deposit({ amount: 1 }), { id: "c-2" });
    const seen: EventBase[] = [];
    const spending = specify(Account, { source }).when((one) => {
      one.deposit(1);
      seen.push(...one.pendingEvents);
    });
    spending.then([deposited(1)]);
    expect(seen.map((event) => metadataOf(event))).toMatchObject([{ causationId: "c-2", id: derivedId("c-2", "account-sample", 0) }]);
  });

  it.each([
    ["id", { id: "other" }],
    ["correlationId", { correlationId: "other" }],
    ["causationId", { causationId: "other" }],
  ])("fails with another %s than it must have", (name, facts) => {
    const meddling = account.when((one) => {
      one.deposit(1);
      for (const event of one.pendingEvents) MessageBuilder.create(event, facts);
    });
    const error = broken(() => meddling.then([deposited(1)]));
    expect(error.message).toContain(`event 1 (AmountDeposited) has the ${name} other, and not `);
  });

  it("fails where it does not fit its schema, and where JSON would change it", () => {
    const wrong = new AmountDeposited({ amount: "1" as never });
    const error = broken(() => raising(wrong).then([new AmountDeposited({ amount: "1" as never })]));
    expect(error.message).toContain("Account: without history, one.note(event): event 1 (AmountDeposited) could not be saved: ");
    expect(error.cause).toMatchObject({ code: "invalid-message" });
    for (const value of [Number.NaN, new Date(0), undefined, new Map()]) {
      const event = (): EventBase => new Anything({ value: [value] });
      expect(broken(() => raising(event()).then([event()])).cause).toMatchObject({ code: "not-serializable" });
    }
    expect(broken(() => raising(new Anything({ value: -0 })).then([new Anything({ value: -0 })])).message).toContain(
      "event 1 (Anything) is not read as it was raised.",
    );
  });

  it("fails where the context does not list it", () => {
    const listed = specify(Account, { context: banking });
    listed.when((one) => one.deposit(1)).then([deposited(1)]);
    const gift = (): EventBase => new GiftReceived({ amount: 1, from: "Ann" });
    expect(broken(() => listed.when((one) => one.note(gift())).then([gift()])).cause).toMatchObject({ code: "unknown-event-type" });
  });

  it("fails where one type has two classes", () => {
    const Twin = class extends Event("AmountDeposited")<{ amount: number }> {};
    const act = (one: Account): void => one.note(deposited(1), new Twin({ amount: 1 }));
    expect(broken(() => account.when(act).then([deposited(1), new Twin({ amount: 1 })])).message).toContain("could not be saved: ");
  });

  it("is replayed as it is read: what an event holds beside its payload is missing", () => {
    class Secret extends Event("Secret")<{ value: number }> {
      readonly #hidden = 5;
      get hidden(): number {
        return this.#hidden;
      }
    }
    class Keeper extends AggregateRoot {
      static readonly type = "Keeper";
      sum = 0;
      constructor(id: string) {
        super(id);
        this.register(Secret, (event) => void (this.sum += event.hidden));
      }
      keep(): void {
        this.raise(new Secret({ value: 1 }));
      }
    }
    const { message } = broken(() =>
      specify(Keeper)
        .when((one) => one.keep())
        .then([new Secret({ value: 1 })]),
    );
    expect(message).toContain("its events cannot be replayed: TypeError");
    expect(boundedContext("keeping", { aggregates: [Keeper], events: [Secret] }).events).toHaveLength(1);
  });
});

describe("time and ids", () => {
  const ticked = (one: Account): Account => {
    one.tick();
    return one;
  };

  it("are the same in every run, and known beforehand", () => {
    account.when((one) => one.tick()).then([new Ticked({ id: fixedId(1), time: "2024-01-01T00:00:00.000Z" })]);
    specify(Account, { time: new Date("2030-05-06T07:08:09Z") })
      .when((one) => {
        one.tick();
        one.tick();
      })
      .then([
        new Ticked({ id: fixedId(1), time: "2030-05-06T07:08:09.000Z" }),
        new Ticked({ id: fixedId(2), time: "2030-05-06T07:08:09.000Z" }),
      ]);
  });

  it("are not used up by the command that has no id yet", () => {
    specify(Account, { handle: (one, { amount }: Deposit) => (amount === 1 ? one.tick() : undefined) })
      .when(new Deposit({ amount: 1 }))
      .then([new Ticked({ id: fixedId(1), time: "2024-01-01T00:00:00.000Z" })]);
  });

  it("hold while the state is looked at, too", () => {
    account
      .when(() => undefined)
      .then((one) => expect(ticked(one).pendingEvents).toMatchObject([{ id: fixedId(1), time: "2024-01-01T00:00:00.000Z" }]));
  });

  it("are UUIDs, one for each number from 1", () => {
    expect(fixedId(1)).toBe("00000000-0000-7000-8000-000000000001");
    expect(fixedId(12)).toBe("00000000-0000-7000-8000-000000000012");
    expect(() => fixedId(0)).toThrow(InvalidArgument);
    expect(() => fixedId(1.5)).toThrow(InvalidArgument);
    for (const time of [new Date(Number.NaN), new Date(-1), "2024" as never])
      expect(() => specify(Account, { time })).toThrow(InvalidArgument);
  });
});

describe("a command for an aggregate", () => {
  it("is carried out by the handle of the specification", () => {
    const spec = specify(Account, {
      handle: (one, command: Deposit | Withdraw) =>
        command instanceof Deposit ? one.deposit(command.amount) : one.withdraw(command.amount),
    });
    spec
      .given([deposited(5)])
      .when(new Withdraw({ amount: 5 }))
      .then([deposited(-5)]);
    spec.when(new Withdraw({ amount: 5 })).then(InsufficientFunds);
    spec.when((one) => one.deposit(1)).then([deposited(1)]);
  });

  it("is refused without one, and so is what is no command", () => {
    expect(() => account.when(new Deposit({ amount: 1 }) as never)).toThrow(/handle must be/);
    expect(() => account.when({ amount: 1 } as never)).toThrow(InvalidArgument);
    expect(() => specify(accounts).when({ amount: 1 } as never)).toThrow(InvalidArgument);
  });
});
