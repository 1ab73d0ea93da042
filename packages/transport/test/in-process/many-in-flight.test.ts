import { getEventListeners } from "node:events";
import { yieldToLoop } from "@reactive-domain/core";
import { expect, it, onTestFinished } from "vitest";
import { newMessage } from "../new-message.ts";
import { thrownBy } from "../thrown-by.ts";
import { openVirtualTransport } from "./virtual-transport.ts";

const MOST = 10_000;

const messages = (count: number): ReturnType<typeof newMessage>[] => Array.from({ length: count }, (_, index) => newMessage(`m${index}`));

/** The names of the warnings that Node gives until the test ends. */
function collectWarnings(): readonly string[] {
  const names: string[] = [];
  const onWarning = ({ name }: Error): void => void names.push(name);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  return names;
}

it("an idle receiver waits once, however many messages it may have in flight", async () => {
  const { transport, test } = openVirtualTransport();
  const signals: AbortSignal[] = [];
  transport.receive("parcels", (_, { signal }) => signals.push(signal), { maxInFlight: MOST });
  await transport.send("parcels", messages(1));
  await test.settle();
  expect(signals.flatMap((signal) => getEventListeners(signal, "abort"))).toHaveLength(1);
  await transport.close();
  expect(signals.flatMap((signal) => getEventListeners(signal, "abort"))).toHaveLength(0);
});

it("many messages that wait, for their handlers or for another attempt, are no leak that Node warns of", async () => {
  const warnings = collectWarnings();
  const { transport, test } = openVirtualTransport();
  let ended = 0;
  const handler = async (_: unknown, { attempt, signal }: { attempt: number; signal: AbortSignal }): Promise<void> => {
    if (attempt === 1) throw new Error("the first attempt fails");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    ended++;
  };
  transport.receive("parcels", handler, { maxInFlight: 50 });
  await transport.send("parcels", messages(50));
  await test.clock.advanceBy(100);
  await transport.close();
  await yieldToLoop();
  expect(warnings).toStrictEqual([]);
  expect(ended).toBe(50);
});

it("as many messages as may be are in flight at once, and not one more", async () => {
  const { transport, test } = openVirtualTransport();
  const ends: (() => void)[] = [];
  transport.receive("parcels", () => new Promise<void>((resolve) => ends.push(resolve)), { maxInFlight: 3 });
  await transport.send("parcels", messages(8));
  await test.settle();
  expect(ends).toHaveLength(3);
  ends[1]?.();
  await test.settle();
  expect(ends).toHaveLength(4);
  for (const end of ends) end();
  await test.settle();
  expect(ends).toHaveLength(7);
});

it("a receiver with more messages in flight than 10,000 is refused", async () => {
  const { transport } = openVirtualTransport();
  expect(thrownBy(() => transport.receive("parcels", () => undefined, { maxInFlight: MOST + 1 }))).toMatchObject({
    code: "invalid-argument",
    details: { argument: "maxInFlight", expected: "an integer from 1 to 10000" },
  });
});
