import { createInMemoryStore, readAfter, type EventStore } from "@reactive-domain/foundation";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { openBank, type Bank } from "../src/application/bank.ts";
import { CloseAccount, Deposit, OpenAccount, OpenPot, SetAside, Withdraw, type Outcome } from "../src/domain/messages.ts";
import { StatementOf } from "../src/domain/queries.ts";
import type { StatementAnswer } from "../src/domain/statement.ts";

const accountId = "a";
const DAY_MS = 86_400_000;

/** Runs a bank in a time of its own, which begins on 10 January 2026. */
function inJanuary(work: (bank: Bank, test: TestRuntime, store: EventStore) => Promise<void>): Promise<void> {
  const test = createTestRuntime({ startMs: Date.UTC(2026, 0, 10, 12) });
  return test.run(async () => {
    const store = createInMemoryStore();
    await using bank = await openBank(store);
    await work(bank, test, store);
  });
}

/** The statement as it is behind a command. */
function statementBehind(bank: Bank, { token = "" }: Outcome, month: string): Promise<StatementAnswer> {
  return bank.queries.ask(readAfter.write(new StatementOf({ accountId, month }), token));
}

/** An account with 500 cents deposited in January, of which 200 are withdrawn in March. */
async function fillAccount(bank: Bank, { clock }: TestRuntime): Promise<Outcome> {
  await bank.commands.send(new OpenAccount({ accountId, owner: "Ann", coOwner: "Ben" }));
  await bank.commands.send(new Deposit({ accountId, amountCents: 500 }));
  await clock.advanceBy(50 * DAY_MS);
  return bank.commands.send(new Withdraw({ accountId, amountCents: 200 }));
}

const none = (reason: string): object => ({ kind: "none", reason });
const statement = (parts: object): object => ({ kind: "statement", statement: parts });

describe("the statement of a month", () => {
  it("has the balance before, every booking with the balance behind it and the command that led to it, and the balance at the end", () =>
    inJanuary(async (bank, test) => {
      const outcome = await fillAccount(bank, test);
      const answer = await statementBehind(bank, outcome, "2026-03");
      expect(answer).toEqual(
        statement({
          accountId,
          owner: "Ann and Ben",
          month: "2026-03",
          openingCents: 500,
          bookings: [
            {
              time: "2026-03-01T12:00:00.000Z",
              type: "withdrawal",
              amountCents: 200,
              balanceCents: 300,
              commandId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
            },
          ],
          closingCents: 300,
          isFinal: false,
        }),
      );
    }));

  it("without a booking has the balance of before", () =>
    inJanuary(async (bank, test) => {
      const outcome = await fillAccount(bank, test);
      const answer = await statementBehind(bank, outcome, "2026-02");
      expect(answer).toMatchObject(statement({ openingCents: 500, bookings: [], closingCents: 500, isFinal: true }));
    }));

  it("does not know pots: what is set aside stays a part of the balance", () =>
    inJanuary(async (bank, test) => {
      await fillAccount(bank, test);
      await bank.commands.send(new OpenPot({ accountId, potId: "p", name: "Holidays" }));
      const outcome = await bank.commands.send(new SetAside({ accountId, potId: "p", amountCents: 100 }));
      expect(await statementBehind(bank, outcome, "2026-03")).toMatchObject(statement({ closingCents: 300 }));
    }));

  it("is refused where there is none, with the reason", () =>
    inJanuary(async (bank, test) => {
      const { clock } = test;
      await fillAccount(bank, test);
      await bank.commands.send(new Withdraw({ accountId, amountCents: 300 }));
      const outcome = await bank.commands.send(new CloseAccount({ accountId }));
      await clock.advanceBy(40 * DAY_MS);
      const reasons = ["2025-12", "2026-04", "2026-05"].map((month) => statementBehind(bank, outcome, month));
      expect(await Promise.all(reasons)).toMatchObject([none("not-opened-yet"), none("closed-before"), none("month-not-begun")]);
      expect(await statementBehind(bank, outcome, "2026-03")).toMatchObject(statement({ closingCents: 0, isFinal: true }));
      expect(await bank.queries.ask(new StatementOf({ accountId: "b", month: "2026-03" }))).toMatchObject(none("no-such-account"));
    }));

  it.each(["2026-13", "2026-1", "March"])("of what is no month is an invalid query: %s", (month) =>
    inJanuary(async (bank) => {
      await expect(bank.queries.ask(new StatementOf({ accountId, month }))).rejects.toMatchObject({ code: "invalid-message" });
    }),
  );
});

describe("the statement as of a time", () => {
  it("knows what was committed by then, beside the one that is live", () =>
    inJanuary(async (bank, test) => {
      const outcome = await fillAccount(bank, test);
      const asOf = (time: string, month: string): Promise<StatementAnswer> =>
        bank.queries.ask(new StatementOf({ accountId, month, asOf: time }));
      expect(await asOf("2026-03-01T11:59:59.000Z", "2026-03")).toMatchObject(statement({ bookings: [], closingCents: 500 }));
      expect(await asOf("2026-01-20T00:00:00.000Z", "2026-01")).toMatchObject(statement({ closingCents: 500, isFinal: false }));
      expect(await asOf("2026-01-20T00:00:00.000Z", "2026-03")).toMatchObject(none("month-not-begun"));
      expect(await asOf("2026-01-10T11:00:00.000Z", "2026-01")).toMatchObject(none("no-such-account"));
      expect(await statementBehind(bank, outcome, "2026-03")).toMatchObject(statement({ closingCents: 300 }));
    }));
});

describe("a query right behind a command", () => {
  it("knows what the command led to, also when the command is recognised from an earlier run", () =>
    inJanuary(async (bank, test, store) => {
      const deposit = new Deposit({ accountId, amountCents: 1 });
      await fillAccount(bank, test);
      const first = await bank.commands.send(deposit);
      expect(await statementBehind(bank, first, "2026-03")).toMatchObject(statement({ closingCents: 301 }));
      await using other = await openBank(store);
      const again = await other.commands.send(deposit);
      expect(again).toMatchObject({ recognised: true, token: first.token });
      expect(await statementBehind(other, again, "2026-03")).toMatchObject(statement({ closingCents: 301 }));
    }));
});
