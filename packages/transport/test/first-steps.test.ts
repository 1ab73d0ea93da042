import { createTestRuntime } from "@reactive-domain/testing";
import { createInProcessTransport, type TransportMessage } from "@reactive-domain/transport";
import { expect, it } from "vitest";
import { newMessage } from "./new-message.ts";

it("what is sent is handled once, and what cannot be handled is told and kept", async () => {
  const test = createTestRuntime();
  const shipped = new Set<string>();
  const log: string[] = [];
  const ship = async ({ id }: TransportMessage): Promise<void> => {
    if (id === "to-nowhere") throw new Error("no such address");
    shipped.add(id);
  };
  await test.run(async () => {
    // #region use
    await using transport = createInProcessTransport({
      maxAttempts: 3,
      onDeadLetter: ({ message, error }) => log.push(`${message.id} was given up: ${String(error)}`),
    });

    transport.receive("parcels", async (message) => {
      if (shipped.has(message.id)) return; // a message may come more than once
      await ship(message);
    });

    await transport.send("parcels", [newMessage("to-nowhere"), newMessage("to-berlin")]);
    // #endregion
    await test.clock.advanceBy(1000);
    // #region dead-letters
    for (const { message, attempts } of await transport.deadLetters("parcels")) log.push(`${message.id}: ${attempts} attempts`);
    // #endregion
  });
  expect([...shipped]).toStrictEqual(["to-berlin"]);
  expect(log).toStrictEqual(["to-nowhere was given up: Error: no such address", "to-nowhere: 3 attempts"]);
});
