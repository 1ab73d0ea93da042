import { expect, it } from "vitest";
import { newMessages } from "../new-message.ts";
import { GatedHandler } from "./gated-handler.ts";
import { follow } from "./progress.ts";
import { openVirtualTransport } from "./virtual-transport.ts";

it("a send to a full channel waits until there is room for all of it", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 2 });
  const gate = new GatedHandler();
  transport.receive("parcels", gate.handle);
  await transport.send("parcels", newMessages("m1", "m2"));
  const third = follow(transport.send("parcels", newMessages("m3", "m4")));
  await test.settle();
  gate.finish("m1");
  await test.settle();
  expect(third.state).toBe("waiting");
  gate.finish("m2");
  await test.settle();
  expect(third.state).toBe("resolved");
  gate.finish("m3");
  await test.settle();
  expect(gate.begun).toStrictEqual(["m1", "m2", "m3", "m4"]);
});

it("sends that wait are accepted in their order: a small one does not overtake a large one", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 2 });
  const gate = new GatedHandler();
  await transport.send("parcels", newMessages("m1"));
  const large = follow(transport.send("parcels", newMessages("m2", "m3")));
  await test.settle();
  const small = follow(transport.send("parcels", newMessages("m4")));
  await test.settle();
  expect([large.state, small.state]).toStrictEqual(["waiting", "waiting"]);
  transport.receive("parcels", gate.handle);
  for (const id of ["m1", "m2", "m3", "m4"]) {
    await test.settle();
    gate.finish(id);
  }
  expect(gate.begun).toStrictEqual(["m1", "m2", "m3", "m4"]);
});

it("a full channel does not hold up another", async () => {
  const { transport } = openVirtualTransport({ maxBufferedMessages: 1 });
  await transport.send("parcels", newMessages("m1"));
  await expect(transport.send("letters", newMessages("l1"))).resolves.toBeUndefined();
});

it("a message that is parked makes room", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 1, maxAttempts: 2 });
  transport.receive("parcels", () => Promise.reject(new Error("no such address")));
  await transport.send("parcels", newMessages("m1"));
  const second = follow(transport.send("parcels", newMessages("m2")));
  await test.clock.advanceBy(99);
  expect(second.state).toBe("waiting");
  await test.clock.advanceBy(1);
  expect(second.state).toBe("resolved");
});

it("a signal ends the wait for room with its reason, and nothing of that send arrives", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 2 });
  const handled: string[] = [];
  const abort = new AbortController();
  const reason = new Error("too slow");
  await transport.send("parcels", newMessages("m1"));
  const waiting = follow(transport.send("parcels", newMessages("m2", "m3"), { signal: abort.signal }));
  await test.settle();
  abort.abort(reason);
  await test.settle();
  expect(waiting).toStrictEqual({ state: "rejected", error: reason });
  transport.receive("parcels", ({ id }) => handled.push(id));
  await test.settle();
  expect(handled).toStrictEqual(["m1"]);
});

it("when the first who waits gives up, a smaller send behind it is accepted", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 2 });
  const abort = new AbortController();
  await transport.send("parcels", newMessages("m1"));
  const large = follow(transport.send("parcels", newMessages("m2", "m3"), { signal: abort.signal }));
  await test.settle();
  const small = follow(transport.send("parcels", newMessages("m4")));
  await test.settle();
  abort.abort();
  await test.settle();
  expect([large.state, small.state]).toStrictEqual(["rejected", "resolved"]);
});

it("a signal that is aborted before or just after the call means that nothing is accepted", async () => {
  const { transport, test } = openVirtualTransport();
  const handled: string[] = [];
  const abort = new AbortController();
  const reason = new Error("never mind");
  const early = transport.send("parcels", newMessages("m1"), { signal: AbortSignal.abort(reason) });
  const late = transport.send("parcels", newMessages("m2"), { signal: abort.signal });
  abort.abort(reason);
  await expect(early).rejects.toBe(reason);
  await expect(late).rejects.toBe(reason);
  transport.receive("parcels", ({ id }) => handled.push(id));
  await test.settle();
  expect(handled).toStrictEqual([]);
});

it("a signal that is aborted after the messages were accepted changes nothing", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 1 });
  const handled: string[] = [];
  const abort = new AbortController();
  await transport.send("parcels", newMessages("m1"), { signal: abort.signal });
  const waited = follow(transport.send("parcels", newMessages("m2"), { signal: abort.signal }));
  transport.receive("parcels", ({ id }) => handled.push(id));
  await test.settle();
  abort.abort();
  await test.settle();
  expect(waited.state).toBe("resolved");
  expect(handled).toStrictEqual(["m1", "m2"]);
});
