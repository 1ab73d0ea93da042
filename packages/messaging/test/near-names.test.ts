import { createCommandBus } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { nearNames } from "../src/bus/near-names.ts";
import { CloseAccount, ForceClose, OpenAccount } from "./banking.ts";
import { rejectionOf } from "./refusal.ts";

describe("names that are near", () => {
  it("differ in a few letters, whatever their case, the nearest first", () => {
    const names = ["OpenAccount", "CloseAccount", "OpenAccounts", "openaccount", "Withdraw"];
    expect(nearNames("OpenAcount", names)).toEqual(["OpenAccount", "openaccount", "OpenAccounts"]);
    expect(nearNames("Deposit", names)).toEqual([]);
    expect(nearNames("Deposit", [])).toEqual([]);
  });

  it("are told where a handler is missing", async () => {
    const commands = createCommandBus();
    commands.handle(OpenAccount, () => ({ accountId: "a-1" }));
    commands.handle(ForceClose, () => undefined);
    expect(await rejectionOf(commands.send(new CloseAccount({ accountId: "a-1" })))).toMatchObject({ details: { near: ["OpenAccount"] } });
  });
});
