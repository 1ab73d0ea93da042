import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { accountWith, AmountDeposited, openBank } from "../banking.ts";

describe.each(everyStore)("a consumer group on $name", ({ open }) => {
  it("hands each event to one of its consumers, and is caught up when all are settled", async () => {
    const { bank, accounts } = openBank(await open());
    const seen: number[] = [];
    await using mailer = bank.group("mailer").on(AmountDeposited, (event) => seen.push(event.amount));
    await mailer.start();
    await accounts.save(accountWith("a-1", 1, 2, 3));
    await mailer.caughtUp();
    expect(seen).toEqual([1, 2, 3]);
    expect(await mailer.lag()).toEqual({ feed: mailer.feed.name, events: 0, ms: 0 });
    expect(mailer.health).toMatchObject({ acknowledged: 3, inHand: 0, status: "live" });
  });
});
