import { createInMemoryStore, unroutedEvents, type EventStore } from "@reactive-domain/foundation";
import { specify } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { openBank } from "../src/application/bank.ts";
import type { RunResult } from "../src/application/process-commands.ts";
import { summarise } from "../src/cli/summary.ts";
import { Account } from "../src/domain/account.ts";
import { banking } from "../src/domain/banking.ts";
import {
  AccountClosed,
  AccountOpened,
  AmountDeposited,
  AmountSetAside,
  AmountTakenBack,
  AmountWithdrawn,
  Deposit,
  OpenAccount,
  PotClosed,
  PotOpened,
  Withdraw,
} from "../src/domain/messages.ts";
import { LargestBalances } from "../src/domain/queries.ts";

const accountId = "a";
const MOST_CENTS = Number.MAX_SAFE_INTEGER;
const run: RunResult = { lines: 0, accepted: 0, refused: 0, refusals: new Map(), recognised: 0, bad: 0 };

const account = specify(Account, { id: accountId, context: banking });
const opened = new AccountOpened({ accountId, owners: ["Ann"] });
const closed = new AccountClosed({ accountId });
const deposited = (amountCents: number) => new AmountDeposited({ accountId, amountCents });
const potOpened = (potId: string) => new PotOpened({ accountId, potId, name: "Holidays" });
const setAside = (potId: string, amountCents: number) => new AmountSetAside({ accountId, potId, amountCents });
const takenBack = (potId: string, amountCents: number) => new AmountTakenBack({ accountId, potId, amountCents });
const potClosed = (potId: string) => new PotClosed({ accountId, potId });

describe("an account", () => {
  it("is opened once, by one owner or two", () => {
    account.when((one) => one.open("Ann")).then([opened]);
    account.when((one) => one.open("Ann", "Ben")).then([new AccountOpened({ accountId, owners: ["Ann", "Ben"] })]);
    account
      .given([opened])
      .when((one) => one.open("Ann"))
      .then({ code: "account-exists" });
    account
      .given([opened, closed])
      .when((one) => one.open("Ann"))
      .then({ code: "account-exists" });
  });

  it("takes and gives what it holds, and no more", () => {
    const withMoney = account.given([opened, deposited(500)]);
    withMoney.when((one) => one.deposit(1)).then([deposited(1)]);
    withMoney.when((one) => one.withdraw(500)).then([new AmountWithdrawn({ accountId, amountCents: 500 })]);
    withMoney.when((one) => one.withdraw(501)).then({ code: "insufficient-funds" });
  });

  it("is closed when it holds nothing", () => {
    account
      .given([opened])
      .when((one) => one.close())
      .then([closed]);
    account
      .given([opened, deposited(1)])
      .when((one) => one.close())
      .then({ code: "balance-not-zero" });
  });

  const acts: readonly [string, (one: Account) => void][] = [
    ["a deposit", (one) => one.deposit(1)],
    ["a withdrawal", (one) => one.withdraw(1)],
    ["its closing", (one) => one.close()],
    ["the opening of a pot", (one) => one.openPot("p", "Holidays")],
    ["setting aside", (one) => one.setAside("p", 1)],
    ["taking back", (one) => one.takeBack("p", 1)],
    ["the closing of a pot", (one) => one.closePot("p")],
  ];
  it.each(acts)("that is not there, or closed, refuses %s", (_, act) => {
    account.when(act).then({ code: "no-such-account" });
    account
      .given([opened, potOpened("p"), closed])
      .when(act)
      .then({ code: "account-closed" });
  });

  it("folds every event of accounts and pots", () => {
    const others = ["CommandAccepted", "CommandRefused"];
    expect(unroutedEvents(Account, banking.events)).toEqual(others);
  });
});

describe("the pots of an account", () => {
  it("are opened under ids of their own, twenty at most, and an id may come again when its pot is closed", () => {
    const withPot = account.given([opened, potOpened("p")]);
    withPot.when((one) => one.openPot("q", "Holidays")).then([potOpened("q")]);
    withPot.when((one) => one.openPot("p", "A car")).then({ code: "pot-exists" });
    const twenty = Array.from({ length: 20 }, (_, index) => potOpened(`p-${index}`));
    account
      .given([opened, ...twenty])
      .when((one) => one.openPot("p-20", "Holidays"))
      .then({ code: "too-many-pots" });
    account
      .given([opened, ...twenty, potClosed("p-7")])
      .when((one) => one.openPot("p-7", "Holidays"))
      .then([potOpened("p-7")]);
  });

  it("hold what is set aside, which cannot be withdrawn, nor set aside again", () => {
    const withPots = account.given([opened, deposited(500), potOpened("p"), potOpened("q"), setAside("p", 100), setAside("q", 200)]);
    withPots.when((one) => one.withdraw(200)).then([new AmountWithdrawn({ accountId, amountCents: 200 })]);
    withPots.when((one) => one.withdraw(201)).then({ code: "insufficient-funds" });
    withPots.when((one) => one.setAside("p", 200)).then([setAside("p", 200)]);
    withPots.when((one) => one.setAside("p", 201)).then({ code: "insufficient-funds" });
    withPots.when((one) => one.setAside("r", 1)).then({ code: "no-such-pot" });
  });

  it("give back what they hold themselves, and no more", () => {
    const withPots = account.given([opened, deposited(500), potOpened("p"), potOpened("q"), setAside("p", 100), setAside("q", 200)]);
    withPots.when((one) => one.takeBack("p", 100)).then([takenBack("p", 100)]);
    withPots.when((one) => one.takeBack("p", 101)).then({ code: "insufficient-funds" });
    withPots.when((one) => one.takeBack("q", 200)).then([takenBack("q", 200)]);
    withPots.when((one) => one.takeBack("r", 1)).then({ code: "no-such-pot" });
    account
      .given([opened, deposited(500), potOpened("p"), setAside("p", 400), takenBack("p", 400)])
      .when((one) => one.withdraw(500))
      .then([new AmountWithdrawn({ accountId, amountCents: 500 })]);
  });

  it("are closed when they hold nothing, and are gone then", () => {
    const withPots = account.given([opened, deposited(500), potOpened("p"), potOpened("q"), setAside("q", 1)]);
    withPots.when((one) => one.closePot("p")).then([potClosed("p")]);
    withPots.when((one) => one.closePot("q")).then({ code: "pot-not-empty" });
    account
      .given([opened, potOpened("p"), potClosed("p")])
      .when((one) => one.closePot("p"))
      .then({ code: "no-such-pot" });
  });
});

describe("a snapshot of an account", () => {
  it("keeps the balance and what each pot holds", () => {
    const pots = [
      { id: "p", heldCents: 100 },
      { id: "q", heldCents: 200 },
    ];
    account
      .given([opened, deposited(500), potOpened("p"), potOpened("q"), setAside("p", 100)])
      .when((one) => one.setAside("q", 200))
      .then((one) => expect(one.takeSnapshot()).toEqual({ state: "open", balanceCents: 500, pots }));
  });
});

describe("a balance", () => {
  it("is kept to the cent up to the largest that numbers hold, and a deposit beyond that is refused", async () => {
    await using bank = await openBank(createInMemoryStore());
    await bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }));
    expect(await bank.commands.send(new Deposit({ accountId, amountCents: MOST_CENTS }))).toMatchObject({ status: "accepted" });
    expect(await bank.commands.send(new Deposit({ accountId, amountCents: 1 }))).toMatchObject({ refusal: "balance-too-large" });
    expect(await bank.commands.send(new Withdraw({ accountId, amountCents: 2 }))).toMatchObject({ status: "accepted" });
    expect(await bank.commands.send(new Deposit({ accountId, amountCents: 3 }))).toMatchObject({ refusal: "balance-too-large" });
    await bank.caughtUp();
    expect(await bank.queries.ask(new LargestBalances({ limit: 1 }))).toMatchObject([{ balanceCents: MOST_CENTS - 2 }]);
  });

  it("is shown to the cent, however large", async () => {
    expect(await summaryOf(createInMemoryStore(), MOST_CENTS - 892)).toContain("90,071,992,547,400.99  a");
    expect(await summaryOf(createInMemoryStore(), 100_005)).toContain(" 1,000.05  a");
  });
});

async function summaryOf(store: EventStore, amountCents: number): Promise<string> {
  await using bank = await openBank(store);
  await bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }));
  await bank.commands.send(new Deposit({ accountId, amountCents }));
  await bank.caughtUp();
  return await summarise({ inputName: "input", storeName: "memory", run, reports: [] }, bank.queries);
}
