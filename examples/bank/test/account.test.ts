import { createInMemoryStore, type EventStore } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { openBank } from "../src/application/bank.ts";
import type { RunResult } from "../src/application/process-commands.ts";
import { LargestBalances } from "../src/application/queries.ts";
import { summarise } from "../src/cli/summary.ts";
import { Deposit, OpenAccount, Withdraw } from "../src/domain/messages.ts";

const accountId = "a";
const MOST_CENTS = Number.MAX_SAFE_INTEGER;
const run: RunResult = { lines: 0, accepted: 0, refused: 0, refusals: new Map(), recognised: 0, bad: 0 };

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
  return await summarise("input", "memory", run, bank.queries);
}
