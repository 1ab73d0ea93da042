import { metadataOf, version } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { DeciderSource } from "../../src/aggregates/decider.ts";
import { GrantLoan, LoanGranted, LoanRepaid, loans, OverRepaid, Repay } from "../lending.ts";

const granted = (amount: number): LoanGranted => new LoanGranted({ loanId: "l-1", amount });
const source = () => new DeciderSource(loans, "l-1");

describe("one instance of a decider", () => {
  it("A1: expects that its stream does not exist while nothing has happened", () => {
    expect(source()).toMatchObject({ expectedVersion: "noStream", pendingEvents: [], state: { owed: 0 } });
  });

  it("A3: folds what a command leads to, and keeps it for the next save", () => {
    const loan = source();
    loan.handle(new GrantLoan({ loanId: "l-1", amount: 100 }));
    loan.handle(new Repay({ loanId: "l-1", amounts: [30] }));
    expect(loan.state).toEqual({ owed: 70 });
    expect(loan.takeEvents()).toEqual([granted(100), new LoanRepaid({ loanId: "l-1", amount: 30 })]);
    expect(loan.expectedVersion).toBe(1);
  });

  it("A3: folds a history without recording it as new", () => {
    const loan = source();
    loan.restoreFromEvents([granted(100)], version(0));
    loan.updateWithEvents([new LoanRepaid({ loanId: "l-1", amount: 30 })], version(1));
    expect(loan).toMatchObject({ state: { owed: 70 }, expectedVersion: 1, pendingEvents: [] });
  });

  it("has recorded nothing when it refuses", () => {
    const loan = source();
    expect(() => loan.handle(new Repay({ loanId: "l-1", amounts: [1] }))).toThrow(OverRepaid);
    expect(loan).toMatchObject({ state: { owed: 0 }, pendingEvents: [] });
  });

  it("A11: refuses a decision that is no event, and records nothing", () => {
    const payload = { loanId: "l-1", amount: 5 };
    const loan = new DeciderSource({ ...loans, decide: () => [payload as LoanGranted] }, "l-1");
    expect(() => loan.handle(new GrantLoan(payload))).toThrow("event must be an instance of a class made by Event");
    expect(loan.pendingEvents).toEqual([]);
  });

  it("A12: may decide no more once its events are taken, until it is given the next command", () => {
    const loan = source();
    const command = new GrantLoan({ loanId: "l-1", amount: 100 });
    loan.correlateWith(metadataOf(command), String);
    loan.handle(command);
    loan.takeEvents();
    expect(() => loan.handle(command)).toThrow("may raise no more events");
    expect(loan.state).toEqual({ owed: 100 });
    loan.correlateWith(metadataOf(new Repay({ loanId: "l-1", amounts: [] })), (ordinal) => `repaid-${ordinal}`);
    loan.handle(new Repay({ loanId: "l-1", amounts: [40] }));
    expect(loan.pendingEvents.map((event) => metadataOf(event).id)).toEqual(["repaid-0"]);
  });
});
