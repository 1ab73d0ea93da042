import { CommandAlreadyApplied, derivedId, MessageBuilder, metadataOf, type EventStore } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { openBank } from "../banking.ts";
import { Outage, withFaults, withWrite } from "../fault-store.ts";
import { GrantLoan, loans, OverRepaid, Repay } from "../lending.ts";
import { storedIn, versionsIn } from "./stored-events.ts";

const STREAM = "banking.loan-l-1";
const grant = (amount: number): GrantLoan => new GrantLoan({ loanId: "l-1", amount });
const repay = (...amounts: readonly number[]): Repay => new Repay({ loanId: "l-1", amounts });

function openLoans(store: EventStore) {
  const { bank } = openBank(store);
  return { bank, store, repository: bank.deciderRepository(loans) };
}

describe.each(everyStore)("a decider on $name", ({ open }) => {
  it("is at its initial state where nothing has happened", async () => {
    expect(await openLoans(await open()).repository.stateOf("l-1")).toEqual({ owed: 0 });
  });

  it("carries out commands, and its state is the fold of what they led to", async () => {
    const { repository, store } = openLoans(await open());
    expect(await repository.handle("l-1", grant(100))).toEqual({ events: 1, position: 0, repeated: false });
    expect(await repository.handle("l-1", repay(30, 20))).toEqual({ events: 2, position: 2, repeated: false });
    expect(await repository.stateOf("l-1")).toEqual({ owed: 50 });
    expect((await storedIn(store, STREAM)).map(({ type }) => type)).toEqual(["LoanGranted", "LoanRepaid", "LoanRepaid"]);
  });

  it("H5: writes nothing for a command that leads to nothing", async () => {
    const { repository, store } = openLoans(await open());
    expect(await repository.handle("l-1", repay())).toEqual({ events: 0, position: null, repeated: false });
    expect(await versionsIn(store, STREAM)).toEqual([]);
  });

  it("refuses a command by what it throws, and nothing is written", async () => {
    const { repository, store } = openLoans(await open());
    await repository.handle("l-1", grant(100));
    await expect(repository.handle("l-1", repay(60, 60))).rejects.toBeInstanceOf(OverRepaid);
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("A8: its events continue the command's chain, under ids that follow from the command", async () => {
    const { bank, repository, store } = openLoans(await open());
    await repository.handle("l-1", grant(100));
    const command = MessageBuilder.from(grant(1)).create(repay(10, 20), { tenant: "north" });
    await repository.handle("l-1", command);
    const { id, correlationId } = metadataOf(command);
    const [, ...stored] = await storedIn(store, STREAM);
    const events = (await Promise.all(stored.map(async (event) => bank.serializer.deserialize(event)))).flat();
    expect(events.map((event) => metadataOf(event))).toMatchObject([
      { id: derivedId(id, STREAM, 0), causationId: id, correlationId, tenant: "north" },
      { id: derivedId(id, STREAM, 1), causationId: id, correlationId, tenant: "north" },
    ]);
  });

  it("says that a command was carried out before, though it would refuse it now", async () => {
    const { repository, store } = openLoans(await open());
    await repository.handle("l-1", grant(100));
    const command = repay(60, 40);
    await repository.handle("l-1", command);
    const again = repository.handle("l-1", command);
    await expect(again).rejects.toBeInstanceOf(CommandAlreadyApplied);
    await expect(again).rejects.toMatchObject({ version: 2, position: 2 });
    expect(await versionsIn(store, STREAM)).toEqual([0, 1, 2]);
  });

  it("H8: says so too when the first time ended in an unknown outcome", async () => {
    const store = await open();
    const repository = openBank(withFaults(store, ["after"])).bank.deciderRepository(loans);
    const command = grant(100);
    await expect(repository.handle("l-1", command)).rejects.toBeInstanceOf(Outage);
    await expect(repository.handle("l-1", command)).rejects.toBeInstanceOf(CommandAlreadyApplied);
    expect(await repository.stateOf("l-1")).toEqual({ owed: 100 });
  });

  it("H7: of two commands at the same time one conflicts, and succeeds when it is repeated", async () => {
    const store = await open();
    const { repository } = openLoans(store);
    await repository.handle("l-1", grant(100));
    let writes = 0;
    let bothDecided = (): void => undefined;
    const decided = new Promise<void>((resolve) => {
      bothDecided = resolve;
    });
    const together = openLoans(
      withWrite(store, async (items, options) => {
        if (++writes === 2) bothDecided();
        await decided;
        return store.write(items, options);
      }),
    ).repository;
    const outcomes = await Promise.allSettled([60, 30].map((amount) => together.handle("l-1", repay(amount), { attempts: 1 })));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const [refused, conflict] = outcomes[0]?.status === "rejected" ? [60, outcomes[0]] : [30, outcomes[1]];
    expect(conflict).toMatchObject({ reason: { code: "wrong-expected-version" } });
    await repository.handle("l-1", repay(refused));
    expect(await repository.stateOf("l-1")).toEqual({ owed: 10 });
  });

  it("decides again on the new state when another command was first", async () => {
    const { repository } = openLoans(await open());
    await repository.handle("l-1", grant(100));
    const outcomes = await Promise.allSettled([60, 30, 20].map((amount) => repository.handle("l-1", repay(amount))));
    expect(outcomes.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "over-repaid" } }]);
    const { owed } = await repository.stateOf("l-1");
    expect(owed).toBeGreaterThanOrEqual(0);
    expect(owed).toBeLessThanOrEqual(20);
  });

  it("H1: folds a history of many pages", async () => {
    const { repository } = openLoans(await open());
    await repository.handle("l-1", grant(1000));
    await repository.handle("l-1", repay(...Array.from({ length: 999 }, () => 1)));
    expect(await repository.stateOf("l-1")).toEqual({ owed: 1 });
  });

  it("refuses a blank id", async () => {
    await expect(openLoans(await open()).repository.handle(" ", grant(1))).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
