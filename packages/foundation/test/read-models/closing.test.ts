import { AlreadyClosed } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, openBank } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { Journal } from "./journal.ts";

describe("closing a read model", () => {
  /** A model in the middle of a history of three events. */
  async function openBusy() {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1, 2, 3));
    const gate = new Gate();
    let begun = 0;
    const journal = new Journal(() => {
      begun++;
      return gate.pass();
    });
    await journal.start(bank.category(Account));
    await quiet();
    return { accounts, gate, journal, begun: () => begun };
  }

  it("E5: waits for the handler that is running, and nothing is handled afterwards", async () => {
    const { accounts, gate, journal, begun } = await openBusy();
    const closing = journal.close();
    expect(await isSettled(closing)).toBe(false);
    gate.open();
    await closing;
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1"]);
    await accounts.save(accountWith("a-2", 1));
    await quiet();
    expect(begun()).toBe(1);
    expect(journal.health).toMatchObject([{ status: "closed", handledUpTo: 0, error: { code: "already-closed" } }]);
  });

  it("J5: cancels live while a feed is outstanding", async () => {
    const { gate, journal } = await openBusy();
    const { live } = journal;
    const closing = journal.close();
    await expect(live).rejects.toBeInstanceOf(AlreadyClosed);
    await expect(journal.live).rejects.toBeInstanceOf(AlreadyClosed);
    gate.open();
    await closing;
  });

  it("J5: leaves a model live that was live", async () => {
    const { bank } = openBank();
    const journal = new Journal();
    await journal.start(bank.all());
    await journal.live;
    await journal.close();
    await journal.live;
    expect(journal.health).toMatchObject([{ status: "closed" }]);
  });

  it("twice, or at the end of a block too, waits for the same end", async () => {
    const { gate, journal } = await openBusy();
    const both = [journal.close(), journal[Symbol.asyncDispose]()];
    expect(await isSettled(Promise.race(both))).toBe(false);
    gate.open();
    await Promise.all(both);
    await journal.close();
    expect(journal.entries).toHaveLength(1);
  });

  it("while it starts ends the start, and handles nothing", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    const journal = new Journal();
    const starting = journal.start(bank.category(Account));
    await journal.close();
    await starting;
    await quiet();
    expect(journal.entries).toEqual([]);
    await expect(journal.live).rejects.toBeInstanceOf(AlreadyClosed);
  });

  it("does not stop other models, and leaves the store open", async () => {
    const { bank, accounts } = openBank();
    await using other = new Journal();
    await other.start(bank.category(Account));
    const journal = new Journal();
    await journal.start(bank.category(Account));
    await journal.close();
    await accounts.save(accountWith("a-1", 1));
    await other.caughtUp();
    expect(other.entries).toHaveLength(1);
    expect(journal.entries).toEqual([]);
  });
});
