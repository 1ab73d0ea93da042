import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, Deposit, Notebook, openBank } from "../banking.ts";

describe.each(everyStore)("an aggregate that is deleted on $name", ({ open }) => {
  it("H4: is not found any more, by no repository and at no time", async () => {
    const { accounts, bank } = openBank(await open());
    await accounts.save(accountWith("a-1", 5));
    await accounts.delete(await accounts.getById("a-1"));
    expect(await accounts.tryGetById("a-1")).toBeUndefined();
    await expect(accounts.getById("a-1")).rejects.toMatchObject({ code: "aggregate-not-found" });
    await expect(accounts.getById("a-1", { asOf: { time: new Date(Date.UTC(2200, 0, 1)) } })).rejects.toMatchObject({
      code: "aggregate-not-found",
    });
    const source = new Deposit({ accountId: "a-1", amount: 1 });
    expect(await bank.correlatedRepository(Account).tryGetById("a-1", source)).toBeUndefined();
  });

  it("may be made again, without what was", async () => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 5));
    await accounts.delete(await accounts.getById("a-1"));
    await accounts.save(accountWith("a-1", 7));
    const again = await accounts.getById("a-1");
    expect(again.balance).toBe(7);
    expect(again.expectedVersion).toBe(1);
  });

  it("H4: and made again is saved again and again, at the version that the store tells", async () => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 5));
    await accounts.delete(await accounts.getById("a-1"));
    const again = accountWith("a-1", 7);
    await accounts.save(again);
    expect(again.expectedVersion).toBe(1);
    again.deposit(1);
    await accounts.save(again);
    expect((await accounts.getById("a-1")).balance).toBe(8);
    await accounts.delete(again);
    expect(await accounts.tryGetById("a-1")).toBeUndefined();
  });

  it("for ever may not be made again", async () => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 5));
    await accounts.tombstone(await accounts.getById("a-1"));
    expect(await accounts.tryGetById("a-1")).toBeUndefined();
    const again = accountWith("a-1", 7);
    await expect(accounts.save(again)).rejects.toMatchObject({ code: "stream-tombstoned" });
    expect(again.pendingEvents).toHaveLength(1);
  });

  it.each(["delete", "tombstone"] as const)("H7: by %s meets a conflict where another writer was first, and stays", async (end) => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 5));
    const [one, other] = [await accounts.getById("a-1"), await accounts.getById("a-1")];
    one.deposit(1);
    await accounts.save(one);
    await expect(accounts[end](other)).rejects.toMatchObject({ code: "wrong-expected-version" });
    expect((await accounts.getById("a-1")).balance).toBe(6);
  });

  it.each(["delete", "tombstone"] as const)(
    "by %s has nothing pending, was saved before, and is of the repository's class",
    async (end) => {
      const { accounts } = openBank(await open());
      const account = accountWith("a-1", 5);
      await expect(accounts[end](account)).rejects.toMatchObject({ code: "invalid-argument" });
      await accounts.save(account);
      account.deposit(1);
      await expect(accounts[end](account)).rejects.toMatchObject({ code: "invalid-argument" });
      await expect(accounts[end](new Account("a-2"))).rejects.toMatchObject({ code: "aggregate-not-found" });
      await expect(accounts[end](new Notebook("a-1") as never)).rejects.toMatchObject({ code: "invalid-argument" });
      expect((await accounts.getById("a-1")).balance).toBe(5);
    },
  );
});
