import { expect, it } from "vitest";
import { newMessages } from "../new-message.ts";
import { GatedHandler } from "./gated-handler.ts";
import { openVirtualTransport } from "./virtual-transport.ts";

it("one receiver handles the messages of a channel one after another, in the order in which they were accepted", async () => {
  const { transport, test } = openVirtualTransport();
  const gate = new GatedHandler();
  transport.receive("parcels", gate.handle);
  await transport.send("parcels", newMessages("m1", "m2"));
  await transport.send("parcels", newMessages("m3"));
  await test.settle();
  expect(gate.begun).toStrictEqual(["m1"]);
  gate.finish("m1");
  await test.settle();
  expect(gate.begun).toStrictEqual(["m1", "m2"]);
  gate.finish("m2");
  await test.settle();
  expect(gate.begun).toStrictEqual(["m1", "m2", "m3"]);
});

it("a message that fails is handled before those behind it", async () => {
  const { transport, test } = openVirtualTransport();
  const handled: string[] = [];
  transport.receive("parcels", ({ id }, { attempt }) => {
    if (id === "m1" && attempt < 3) throw new Error("not yet");
    handled.push(`${id} at attempt ${attempt}`);
  });
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.clock.advanceBy(299);
  expect(handled).toStrictEqual([]);
  await test.clock.advanceBy(1);
  expect(handled).toStrictEqual(["m1 at attempt 3", "m2 at attempt 1"]);
});

it("a channel does not wait for another", async () => {
  const { transport, test } = openVirtualTransport();
  const parcels = new GatedHandler();
  const letters = new GatedHandler();
  transport.receive("parcels", parcels.handle);
  transport.receive("letters", letters.handle);
  await transport.send("parcels", newMessages("p1", "p2"));
  await transport.send("letters", newMessages("l1"));
  await test.settle();
  expect([parcels.begun, letters.begun]).toStrictEqual([["p1"], ["l1"]]);
});

it("a receiver with three in flight begins three in order, and the next when one of them ends", async () => {
  const { transport, test } = openVirtualTransport();
  const gate = new GatedHandler();
  transport.receive("parcels", gate.handle, { maxInFlight: 3 });
  await transport.send("parcels", newMessages("m1", "m2", "m3", "m4", "m5"));
  await test.settle();
  expect(gate.begun).toStrictEqual(["m1", "m2", "m3"]);
  gate.finish("m2");
  await test.settle();
  expect(gate.begun).toStrictEqual(["m1", "m2", "m3", "m4"]);
});
