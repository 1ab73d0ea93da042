import { createInMemoryStore, systemRuntime, withRuntime } from "@reactive-domain/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Account, openBank } from "../banking.ts";
import { Journal } from "./journal.ts";

const IDS = ["a-1", "a-2"] as const;
const save = fc.record({ id: fc.constantFrom(...IDS), events: fc.integer({ min: 1, max: 300 }) });

describe("a read model that starts while others write", () => {
  it("F9: handles every event once and in the order of the log, in whatever order steps are taken", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(save, { maxLength: 6 }),
        fc.array(save, { maxLength: 6 }),
        fc.scheduler(),
        async (before, during, steps) => {
          const scheduler = { ...systemRuntime.scheduler, turn: () => steps.schedule(Promise.resolve()) };
          await withRuntime({ scheduler }, async () => {
            const { bank, accounts } = openBank(createInMemoryStore());
            const open = new Map(IDS.map((id) => [id, new Account(id)]));
            const write = async (saves: typeof before): Promise<void> => {
              for (const { id, events } of saves) {
                const account = open.get(id) as Account;
                for (let index = 0; index < events; index++) account.deposit(index);
                await accounts.save(account);
              }
            };
            await steps.waitFor(write(before));
            const journal = new Journal();
            await steps.waitFor(Promise.all([write(during), journal.start(bank.category(Account))]));
            await steps.waitFor(journal.caughtUp());
            await steps.waitFor(journal.close());
            const positions = journal.contexts.map(({ position }) => position);
            const total = [...before, ...during].reduce((sum, { events }) => sum + events, 0);
            expect(positions).toEqual(Array.from({ length: total }, (_, index) => index));
            expect(journal.entries).toHaveLength(total);
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});
