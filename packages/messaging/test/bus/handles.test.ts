import { Command, createCommandBus, createQueryBus, Query } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { Deposit } from "../banking.ts";

class OtherDeposit extends Command("Deposit")<{ accountId: string; amount: number }> {}
class DerivedDeposit extends Command("DerivedDeposit", { extends: Deposit })<{ reference: string }> {}
class BalanceOf extends Query("BalanceOf")<{ accountId: string }, number> {}
class OtherBalanceOf extends Query("BalanceOf")<{ accountId: string }, number> {}

describe("a command bus", () => {
  it("handles the very class that has a handler, as long as it has it", () => {
    const commands = createCommandBus();
    const end = commands.handle(Deposit, () => undefined);
    expect([Deposit, OtherDeposit, DerivedDeposit].map((one) => commands.handles(one))).toEqual([true, false, false]);
    expect(commands.handlersFor(Deposit)).toEqual(commands.describe().handlers);
    expect(commands.handlersFor(OtherDeposit)).toEqual([]);
    end();
    expect(commands.handles(Deposit)).toBe(false);
  });

  it("C10: handles what buses handle that it is connected with, also through others", () => {
    const [here, between, there] = [createCommandBus(), createCommandBus(), createCommandBus()];
    here.connect(between);
    const end = between.connect(there);
    there.handle(Deposit, () => undefined);
    expect([here, between, there].map((bus) => bus.handles(Deposit))).toEqual([true, true, true]);
    expect(here.handlersFor(Deposit)).toEqual(there.handlersFor(Deposit));
    end();
    expect([here, between, there].map((bus) => bus.handles(Deposit))).toEqual([false, false, true]);
  });

  it("C10: does not handle what several connected buses have a handler for, and tells them all", () => {
    const [here, there] = [createCommandBus(), createCommandBus()];
    here.connect(there);
    here.handle(Deposit, function first() {});
    there.handle(Deposit, function second() {});
    expect(here.handles(Deposit)).toBe(false);
    expect(here.handlersFor(Deposit).map(({ name }) => name)).toEqual(["first", "second"]);
    expect(there.handlersFor(Deposit).map(({ name }) => name)).toEqual(["second", "first"]);
  });
});

describe("a query bus", () => {
  it("handles the very class that has a handler, as long as it has it", () => {
    const queries = createQueryBus();
    const end = queries.handle(BalanceOf, () => 0);
    expect([BalanceOf, OtherBalanceOf].map((one) => queries.handles(one))).toEqual([true, false]);
    expect(queries.handlersFor(BalanceOf)).toEqual(queries.describe().handlers);
    expect(queries.handlersFor(OtherBalanceOf)).toEqual([]);
    end();
    expect(queries.handles(BalanceOf)).toBe(false);
  });
});
