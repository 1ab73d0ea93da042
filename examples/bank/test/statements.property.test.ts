import { createInMemoryStore } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openBank, type Bank } from "../src/application/bank.ts";
import { Deposit, OpenAccount, Withdraw } from "../src/domain/messages.ts";
import { rangeOf } from "../src/domain/month.ts";
import { StatementOf } from "../src/domain/queries.ts";
import type { Statement } from "../src/domain/statement.ts";

const HOUR_MS = 3_600_000;
const IDS = ["a", "b"];
const MONTHS = ["2025-11", "2025-12", "2026-01", "2026-02"];

const step = fc.record({
  hours: fc.nat({ max: 300 }),
  accountId: fc.constantFrom(...IDS),
  amountCents: fc.integer({ min: -300, max: 1_000 }).filter((amount) => amount !== 0),
});

interface Change {
  readonly accountId: string;
  readonly timeMs: number;
  readonly byCents: number;
}

async function statementOf(bank: Bank, accountId: string, month: string): Promise<Statement | undefined> {
  const answer = await bank.queries.ask(new StatementOf({ accountId, month }));
  return answer.kind === "statement" ? answer.statement : undefined;
}

/** What the account holds at a time, by folding. */
function balanceAt(changes: readonly Change[], accountId: string, timeMs: number): number {
  return changes.filter((one) => one.accountId === accountId && one.timeMs < timeMs).reduce((sum, { byCents }) => sum + byCents, 0);
}

it(
  "a statement closes with what the account holds at the end of the month, and opens with what the one before closed with, in every run of the bank",
  { timeout: 60_000 },
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat({ max: 30 }), (steps, restartAt) => {
        const test = createTestRuntime({ startMs: Date.UTC(2025, 10, 3) });
        return test.run(async () => {
          const store = createInMemoryStore();
          const changes: Change[] = [];
          let bank = await openBank(store);
          for (const accountId of IDS) await bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }));
          for (const [index, { hours, accountId, amountCents }] of steps.entries()) {
            if (index === restartAt) {
              await bank[Symbol.asyncDispose]();
              bank = await openBank(store); // goes on from what it has kept
            }
            await test.clock.advanceBy(hours * HOUR_MS);
            const command =
              amountCents > 0 ? new Deposit({ accountId, amountCents }) : new Withdraw({ accountId, amountCents: -amountCents });
            const { status } = await bank.commands.send(command);
            if (status === "accepted") changes.push({ accountId, timeMs: test.clock.now(), byCents: amountCents });
          }
          await bank.caughtUp();
          await using fresh = await openBank(store, { isReadOnly: true });
          for (const accountId of IDS) {
            let closedWith = 0;
            for (const month of MONTHS) {
              const statement = await statementOf(bank, accountId, month);
              if (statement === undefined) continue;
              expect(statement.openingCents).toBe(closedWith);
              expect(statement.closingCents).toBe(balanceAt(changes, accountId, rangeOf(month).endMs));
              expect(statement.bookings.at(-1)?.balanceCents ?? closedWith).toBe(statement.closingCents);
              expect(await statementOf(fresh, accountId, month)).toEqual(statement);
              closedWith = statement.closingCents;
            }
          }
          await bank[Symbol.asyncDispose]();
        });
      }),
      { numRuns: 25 },
    ),
);
