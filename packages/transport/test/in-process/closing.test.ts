import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { newMessages } from "../new-message.ts";
import { thrownBy } from "../thrown-by.ts";
import { GatedHandler } from "./gated-handler.ts";
import { follow } from "./progress.ts";
import { openVirtualTransport } from "./virtual-transport.ts";

const closedTransport = { code: "already-closed", details: { what: "The in-process transport" } };

it("an idle receiver closes at once, and what comes later stays for another", async () => {
  const { transport, test } = openVirtualTransport();
  const closed: string[] = [];
  const handled: string[] = [];
  const receiver = transport.receive("parcels", ({ id }) => closed.push(id));
  await receiver.close();
  await transport.send("parcels", newMessages("m1"));
  await test.settle();
  transport.receive("parcels", ({ id }) => handled.push(id));
  await test.settle();
  expect([closed, handled]).toStrictEqual([[], ["m1"]]);
});

it("a receiver that is closed before its handler began gives everything back", async () => {
  const { transport, test } = openVirtualTransport();
  const closed: string[] = [];
  const handled: string[] = [];
  await transport.send("parcels", newMessages("m1", "m2"));
  const receiver = transport.receive("parcels", ({ id }) => closed.push(id));
  await receiver.close();
  transport.receive("parcels", ({ id }) => handled.push(id));
  await test.settle();
  expect([closed, handled]).toStrictEqual([[], ["m1", "m2"]]);
});

it("the close of a receiver tells its handler, waits for it, and begins nothing more", async () => {
  const { transport, test } = openVirtualTransport();
  const gate = new GatedHandler();
  const signals: AbortSignal[] = [];
  const receiver = transport.receive("parcels", (message, context) => {
    signals.push(context.signal);
    return gate.handle(message, context);
  });
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.settle();
  expect(signals.map(({ aborted }) => aborted)).toStrictEqual([false]);
  const first = follow(receiver.close());
  const second = follow(receiver.close());
  await test.settle();
  expect(signals[0]?.reason).toMatchObject({ code: "already-closed" });
  expect([first.state, second.state]).toStrictEqual(["waiting", "waiting"]);
  gate.finish("m1");
  await test.settle();
  expect([first.state, second.state]).toStrictEqual(["resolved", "resolved"]);
  expect(gate.begun).toStrictEqual(["m1"]);
});

it("a message that fails while its receiver closes is given back with its attempts, in its place and not before its time", async () => {
  const { transport, test } = openVirtualTransport();
  const gate = new GatedHandler();
  const handled: string[] = [];
  const receiver = transport.receive("parcels", gate.handle);
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.settle();
  const closing = receiver.close();
  gate.fail("m1");
  await closing;
  transport.receive("parcels", ({ id }, { attempt }) => handled.push(`${id} at attempt ${attempt}`));
  await test.clock.advanceBy(99);
  expect(handled).toStrictEqual([]);
  await test.clock.advanceBy(1);
  expect(handled).toStrictEqual(["m1 at attempt 2", "m2 at attempt 1"]);
});

it("a receiver closes at once while its message waits for another attempt, and leaves no timer behind", async () => {
  const { transport, test } = openVirtualTransport();
  const gate = new GatedHandler();
  const receiver = transport.receive("parcels", gate.handle);
  await transport.send("parcels", newMessages("m1"));
  await test.settle();
  gate.fail("m1");
  await test.settle();
  expect(test.pendingTimers).toBe(1);
  await receiver.close();
  expect(test.pendingTimers).toBe(0);
});

it("a message that fails for the last time while its receiver closes is parked", async () => {
  const { transport, test } = openVirtualTransport({ maxAttempts: 1 });
  const gate = new GatedHandler();
  const receiver = transport.receive("parcels", gate.handle);
  await transport.send("parcels", newMessages("m1"));
  await test.settle();
  const closing = receiver.close();
  gate.fail("m1");
  await closing;
  expect(await transport.deadLetters("parcels")).toHaveLength(1);
});

it("E5: a handler that aborts its receiver's signal ends promptly, and is acknowledged", async () => {
  const { transport, test } = openVirtualTransport();
  const handled: string[] = [];
  const stop = new AbortController();
  const receiver = transport.receive(
    "parcels",
    ({ id }) => {
      handled.push(id);
      stop.abort();
    },
    { signal: stop.signal },
  );
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.clock.advanceBy(60_000);
  await receiver.close();
  transport.receive("parcels", ({ id }) => handled.push(`${id} elsewhere`));
  await test.settle();
  expect(handled).toStrictEqual(["m1", "m2 elsewhere"]);
});

it("a receiver whose signal is aborted already receives nothing", async () => {
  const { transport, test } = openVirtualTransport();
  const handled: string[] = [];
  await transport.send("parcels", newMessages("m1"));
  const receiver = transport.receive("parcels", ({ id }) => handled.push(id), { signal: AbortSignal.abort() });
  await test.settle();
  await receiver.close();
  expect(handled).toStrictEqual([]);
});

it("a signal that outlives many sends and receivers is not held by them", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 1 });
  const { signal } = new AbortController();
  await transport.send("parcels", newMessages("m1"), { signal });
  const waiting = follow(transport.send("parcels", newMessages("m2"), { signal }));
  const receiver = transport.receive("parcels", () => undefined, { signal });
  await test.settle();
  await receiver.close();
  expect(waiting.state).toBe("resolved");
  expect(getEventListeners(signal, "abort")).toStrictEqual([]);
});

it("the close of the transport ends every waiting send with already-closed, and nothing of them arrives", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 1 });
  const gate = new GatedHandler();
  transport.receive("parcels", gate.handle);
  await transport.send("parcels", newMessages("m1"));
  const waiting = [follow(transport.send("parcels", newMessages("m2"))), follow(transport.send("parcels", newMessages("m3")))];
  await test.settle();
  const taking = follow(transport.send("letters", newMessages("l1")));
  const closing = follow(transport.close());
  await test.settle();
  expect(closing.state).toBe("waiting");
  for (const send of [...waiting, taking]) {
    expect(send.state).toBe("rejected");
    expect(send.error).toMatchObject(closedTransport);
  }
  gate.finish("m1");
  await test.settle();
  expect(closing.state).toBe("resolved");
  expect(gate.begun).toStrictEqual(["m1"]);
});

it("a handler that waits for room elsewhere is ended by the close of the transport, which can then end itself", async () => {
  const { transport, test } = openVirtualTransport({ maxBufferedMessages: 1, maxAttempts: 1 });
  await transport.send("letters", newMessages("l1"));
  transport.receive("parcels", () => transport.send("letters", newMessages("l2")));
  await transport.send("parcels", newMessages("m1"));
  await test.settle();
  await transport.close();
  expect(await transport.deadLetters("parcels")).toMatchObject([{ error: closedTransport }]);
});

it("the close of the transport ends a wait for another attempt, and the message does not come again", async () => {
  const { transport, test } = openVirtualTransport();
  const gate = new GatedHandler();
  transport.receive("parcels", gate.handle);
  await transport.send("parcels", newMessages("m1"));
  await test.settle();
  gate.fail("m1");
  await test.settle();
  await transport.close();
  await test.clock.advanceBy(60_000);
  expect(gate.begun).toStrictEqual(["m1"]);
  expect(test.pendingTimers).toBe(0);
});

it("a closed transport says so, closes again without a word, and so do its receivers", async () => {
  const { transport } = openVirtualTransport();
  const receiver = transport.receive("parcels", () => undefined);
  await Promise.all([transport.close(), transport.close()]);
  await receiver.close();
  await transport.close();
  await expect(transport.send("parcels", newMessages("m1"))).rejects.toMatchObject(closedTransport);
  expect(thrownBy(() => transport.receive("parcels", () => undefined))).toMatchObject(closedTransport);
});

it("transport and receiver close where their block ends", async () => {
  const { transport } = openVirtualTransport();
  const gate = new GatedHandler();
  {
    await using receiver = transport.receive("parcels", gate.handle);
    expect(receiver.channel).toBe("parcels");
    await using disposed = transport;
    await disposed.send("letters", newMessages("l1"));
  }
  await expect(transport.send("parcels", newMessages("m1"))).rejects.toMatchObject(closedTransport);
});
