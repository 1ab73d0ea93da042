import {
  AlreadyCorrelated,
  derivedId,
  MessageBuilder,
  metadataOf,
  UnitOfWorkEnded,
  withRuntime,
  type MessageMetadata,
} from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, AmountDeposited, Deposit, Notebook, openBank, refusalOf } from "../banking.ts";

const correlated = () => openBank().bank.correlatedRepository(Account);
const notebooks = () => openBank().bank.correlatedRepository(Notebook);
const deposit = (): Deposit => new Deposit({ accountId: "a-1", amount: 5 });
const pendingMetadata = (account: Account): readonly MessageMetadata[] => account.pendingEvents.map((event) => metadataOf(event));

describe("an aggregate that works for a command", () => {
  it("A8: raises events that continue the command's chain", () => {
    const command = MessageBuilder.from(deposit()).create(deposit(), { actor: "ann", tenant: "north" });
    const { id, correlationId } = metadataOf(command);
    const account = correlated().create("a-1", command);
    account.deposit(5);
    account.deposit(6);
    expect(correlationId).not.toBe(id);
    for (const metadata of pendingMetadata(account)) {
      expect(metadata).toMatchObject({ correlationId, causationId: id, actor: "ann", tenant: "north" });
    }
  });

  it("A8: gives events the time at which they were raised, and ids that follow from the command", () => {
    withRuntime(createTestRuntime({ startMs: 1_000 }).runtime, () => {
      const command = deposit();
      const account = correlated().create("a-1", command);
      account.deposit(5);
      account.deposit(6);
      const { id } = metadataOf(command);
      const stream = "banking.account-a-1";
      expect(pendingMetadata(account)).toEqual([
        { id: derivedId(id, stream, 0), correlationId: id, causationId: id, timeMs: 1_000 },
        { id: derivedId(id, stream, 1), correlationId: id, causationId: id, timeMs: 1_000 },
      ]);
    });
  });

  it("A9: uses the command's own id where its correlation id is empty", () => {
    const command = MessageBuilder.create(deposit(), { correlationId: "" });
    const account = correlated().create("a-1", command);
    account.deposit(5);
    const { id } = metadataOf(command);
    expect(pendingMetadata(account)).toMatchObject([{ correlationId: id, causationId: id }]);
  });

  it("A11: refuses an event that another message has led to, and records nothing", () => {
    const foreign = MessageBuilder.from(deposit()).create(new AmountDeposited({ accountId: "a-1", amount: 5 }));
    const notebook = notebooks().create("n-1", deposit());
    expect(() => notebook.note(foreign)).toThrow(AlreadyCorrelated);
    expect(notebook).toMatchObject({ pendingEvents: [], noted: 0 });
  });

  it("A11: refuses what is not an event, and records nothing", () => {
    const notebook = notebooks().create("n-1", deposit());
    expect(refusalOf(() => notebook.note({ accountId: "a-1", amount: 5 } as never))).toMatchObject({ code: "invalid-argument" });
    expect(notebook).toMatchObject({ pendingEvents: [], noted: 0 });
  });

  it("A12: may raise no more once its events are taken, and records nothing then", () => {
    const account = correlated().create("a-1", deposit());
    account.deposit(5);
    account.takeEvents();
    expect(refusalOf(() => account.deposit(6))).toBeInstanceOf(UnitOfWorkEnded);
    expect(account.pendingEvents).toEqual([]);
    expect(account.balance).toBe(5);
  });

  it("A12: carries the next command's chain after it was given one", () => {
    const account = correlated().create("a-1", deposit());
    account.deposit(5);
    account.takeEvents();
    const next = metadataOf(deposit());
    account.correlateWith(next, (ordinal) => `next-${ordinal}`);
    account.deposit(6);
    expect(pendingMetadata(account)).toMatchObject([{ id: "next-0", correlationId: next.id, causationId: next.id }]);
  });

  it("A2: taking nothing changes nothing: the unit of work goes on", () => {
    const command = deposit();
    const account = correlated().create("a-1", command);
    expect(account.takeEvents()).toEqual([]);
    account.deposit(5);
    expect(pendingMetadata(account)).toMatchObject([{ causationId: metadataOf(command).id }]);
  });

  it("A12: takes no other command while events of the first are pending", () => {
    const account = correlated().create("a-1", deposit());
    account.deposit(5);
    expect(() => account.correlateWith(metadataOf(deposit()), String)).toThrow("Save first.");
  });

  it("gives an event the id that one which was refused before it would have had", () => {
    const command = deposit();
    const account = correlated().create("a-1", command);
    expect(() => account.withdraw(5)).toThrow("holds 0");
    account.deposit(5);
    expect(pendingMetadata(account)[0]?.id).toBe(derivedId(metadataOf(command).id, "banking.account-a-1", 0));
  });

  it("A8: an aggregate without a command raises events that begin chains of their own", () => {
    const account = new Account("a-1");
    account.deposit(5);
    const [metadata] = pendingMetadata(account);
    expect(metadata?.correlationId).toBe(metadata?.id);
    expect(metadata).not.toHaveProperty("causationId");
  });
});
