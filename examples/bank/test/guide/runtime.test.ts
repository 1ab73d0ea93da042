import { metadataOf, withRuntime } from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { Deposit } from "../../src/index.ts";

it("time can be replaced for a piece of code and all that it awaits", async () => {
  // #region clock
  const noon = { now: () => Date.UTC(2026, 0, 1, 12), monotonicMs: () => 0 };
  const { timeMs } = await withRuntime({ clock: noon }, async () => metadataOf(new Deposit({ accountId: "a", amountCents: 1 })));
  // #endregion
  expect(timeMs).toBe(Date.UTC(2026, 0, 1, 12));
});
