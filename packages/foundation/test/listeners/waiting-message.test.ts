import { createListener } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account } from "../banking.ts";
import { deposit, noted, openWith, virtually } from "./noted.ts";

describe("a message that waits in the queue", () => {
  it(
    "is not handled any more once its listener is being closed",
    virtually(async ({ clock }) => {
      const { bank, accounts } = await openWith(0);
      const listener = createListener(bank.category(Account));
      const entries = noted(listener);
      await listener.start();
      await listener.live;
      const hold = await listener.hold();
      await deposit(accounts, "a-1");
      await clock.advanceBy(1);
      const closing = listener.close();
      hold.release();
      await closing;
      expect(entries).toEqual([]);
      expect(listener.health).toMatchObject({ status: "closed", handledUpTo: null });
    }),
  );
});
