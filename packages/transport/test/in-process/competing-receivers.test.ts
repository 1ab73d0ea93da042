import { expect, it } from "vitest";
import { newMessages } from "../new-message.ts";
import { GatedHandler } from "./gated-handler.ts";
import { openVirtualTransport } from "./virtual-transport.ts";

it("receivers on one channel share its messages: each goes to one of them, to the one that has waited longest", async () => {
  const { transport, test } = openVirtualTransport();
  const one = new GatedHandler();
  const other = new GatedHandler();
  transport.receive("parcels", one.handle);
  transport.receive("parcels", other.handle);
  await transport.send("parcels", newMessages("m1", "m2", "m3"));
  await test.settle();
  expect([one.begun, other.begun]).toStrictEqual([["m1"], ["m2"]]);
  other.finish("m2");
  await test.settle();
  expect([one.begun, other.begun]).toStrictEqual([["m1"], ["m2", "m3"]]);
});

it("a message that waits for another attempt holds up its own receiver only", async () => {
  const { transport, test } = openVirtualTransport();
  const one = new GatedHandler();
  const handled: string[] = [];
  transport.receive("parcels", one.handle);
  transport.receive("parcels", ({ id }) => handled.push(id));
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.settle();
  one.fail("m1");
  await transport.send("parcels", newMessages("m3"));
  await test.settle();
  expect([one.begun, handled]).toStrictEqual([["m1"], ["m2", "m3"]]);
  await test.clock.advanceBy(100);
  expect(one.begun).toStrictEqual(["m1", "m1"]);
});

it("what a closing receiver had not begun goes to one that waits", async () => {
  const { transport, test } = openVirtualTransport();
  const one = new GatedHandler();
  const handled: string[] = [];
  const first = transport.receive("parcels", one.handle, { maxInFlight: 2 });
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.settle();
  one.fail("m2");
  transport.receive("parcels", ({ id }) => handled.push(id));
  await test.settle();
  const closing = first.close();
  await test.clock.advanceBy(100);
  expect(handled).toStrictEqual(["m2"]);
  one.finish("m1");
  await closing;
});

it("when one of two idle receivers closes the other gets what comes", async () => {
  const { transport, test } = openVirtualTransport();
  const handled: string[] = [];
  const first = transport.receive("parcels", ({ id }) => handled.push(`${id} by the first`));
  transport.receive("parcels", ({ id }) => handled.push(`${id} by the second`));
  await first.close();
  await transport.send("parcels", newMessages("m1"));
  await test.settle();
  expect(handled).toStrictEqual(["m1 by the second"]);
});
