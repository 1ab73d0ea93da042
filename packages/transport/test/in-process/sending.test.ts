import { yieldToLoop } from "@reactive-domain/core";
import type { InProcessTransportOptions, TransportHandler, TransportMessage } from "@reactive-domain/transport";
import { createInProcessTransport } from "@reactive-domain/transport";
import { expect, it } from "vitest";
import { newMessage, newMessages } from "../new-message.ts";
import { thrownBy } from "../thrown-by.ts";
import { openVirtualTransport } from "./virtual-transport.ts";

const good = newMessage("m1");

function received(): { readonly messages: TransportMessage[]; readonly handler: TransportHandler } {
  const messages: TransportMessage[] = [];
  return { messages, handler: (message) => messages.push(message) };
}

it("M4: type, versions, text and metadata arrive exactly as they were sent", async () => {
  const { transport, test } = openVirtualTransport();
  const { messages, handler } = received();
  const sent = newMessage("m1", {
    type: "Größe",
    schemaVersion: 7,
    contentType: "text/plain",
    data: ' {"a" : 1.0}\n',
    metadata: '{ "tenant":"t" }',
  });
  transport.receive("parcels", handler);
  await transport.send("parcels", [sent]);
  await test.settle();
  expect(messages).toStrictEqual([sent]);
});

it("bytes arrive as they were when they were sent, whatever the sender does to them later", async () => {
  const { transport, test } = openVirtualTransport();
  const { messages, handler } = received();
  const plain = new Uint8Array([1, 2, 3]);
  const pooled = Buffer.from([4, 5, 6]);
  const sending = transport.send("parcels", [newMessage("m1", { data: plain }), newMessage("m2", { data: pooled })]);
  plain.fill(0);
  pooled.fill(0);
  await sending;
  transport.receive("parcels", handler);
  await test.settle();
  expect(messages.map(({ data }) => data)).toStrictEqual([new Uint8Array([1, 2, 3]), new Uint8Array([4, 5, 6])]);
});

it("what a handler does to the bytes is not seen by the next attempt, nor in the dead letter, nor by who lists them again", async () => {
  const { transport, test } = openVirtualTransport({ maxAttempts: 2 });
  const seen: number[] = [];
  transport.receive("parcels", ({ data }) => {
    seen.push(Number(data[0]));
    (data as Uint8Array).fill(0);
    throw new Error("spoilt");
  });
  await transport.send("parcels", [newMessage("m1", { data: new Uint8Array([9]) })]);
  await test.clock.advanceBy(100);
  for (const { message } of await transport.deadLetters("parcels")) (message.data as Uint8Array).fill(0);
  const [letter] = await transport.deadLetters("parcels");
  expect(seen).toStrictEqual([9, 9]);
  expect(letter?.message.data).toStrictEqual(new Uint8Array([9]));
});

it("a send resolves when the messages are accepted, whether anybody receives or not, and who comes later gets them", async () => {
  const { transport, test } = openVirtualTransport();
  const { messages, handler } = received();
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.settle();
  transport.receive("parcels", handler);
  await test.settle();
  expect(messages.map(({ id }) => id)).toStrictEqual(["m1", "m2"]);
});

it("a handler never runs before the call that sends or receives has returned", async () => {
  const transport = createInProcessTransport();
  const steps: string[] = [];
  transport.receive("parcels", ({ id }) => steps.push(id));
  const sent = transport.send("parcels", [good]).then(() => steps.push("accepted"));
  steps.push("send returned");
  await sent;
  await transport.send("parcels", newMessages("m2"));
  expect(steps.slice(0, 2)).toStrictEqual(["send returned", "accepted"]);
  await transport.close();
});

it("a long backlog does not keep input and output waiting", async () => {
  await using transport = createInProcessTransport();
  const { messages, handler } = received();
  await transport.send(
    "parcels",
    Array.from({ length: 1000 }, (_, index) => newMessage(`m${index}`)),
  );
  transport.receive("parcels", handler);
  await yieldToLoop();
  expect(messages.length).toBeLessThan(1000);
});

it.each<[string, unknown]>([
  ["messages", []],
  ["messages", good],
  ["messages", undefined],
  ["messages[1]", [good, undefined]],
  ["messages[1]", [good, null]],
  ["messages[0].id", [{ ...good, id: " " }]],
  ["messages[0].id", [{ ...good, id: 1 }]],
  ["messages[0].type", [{ ...good, type: "" }]],
  ["messages[0].contentType", [{ ...good, contentType: "" }]],
  ["messages[0].schemaVersion", [{ ...good, schemaVersion: 0 }]],
  ["messages[0].schemaVersion", [{ ...good, schemaVersion: 1.5 }]],
  ["messages[0].data", [{ ...good, data: { parcel: 1 } }]],
  ["messages[1].metadata", [good, { ...good, metadata: {} }]],
])("a send whose %s is wrong (case %#) is refused, and nothing of it is accepted", async (argument, messages) => {
  const { transport, test } = openVirtualTransport();
  const arrived = received();
  transport.receive("parcels", arrived.handler);
  await expect(transport.send("parcels", messages as TransportMessage[])).rejects.toMatchObject({
    code: "invalid-argument",
    details: { argument },
  });
  await test.settle();
  expect(arrived.messages).toStrictEqual([]);
});

it("a send of more messages than a channel ever holds is refused, since it would wait for ever", async () => {
  const { transport } = openVirtualTransport({ maxBufferedMessages: 2 });
  await expect(transport.send("parcels", newMessages("m1", "m2", "m3"))).rejects.toMatchObject({ details: { argument: "messages" } });
});

it.each(["", " \t", undefined, 7])("a channel named %j is refused by every call", async (name) => {
  const { transport } = openVirtualTransport();
  const refusal = { code: "invalid-argument", details: { argument: "channel" } };
  const channel = name as string;
  await expect(transport.send(channel, [good])).rejects.toMatchObject(refusal);
  await expect(transport.deadLetters(channel)).rejects.toMatchObject(refusal);
  expect(thrownBy(() => transport.receive(channel, () => undefined))).toMatchObject(refusal);
});

it.each([0, -1, 1.5, Number.NaN, "2"])("a receiver with %j messages in flight is refused", (maxInFlight) => {
  const { transport } = openVirtualTransport();
  expect(thrownBy(() => transport.receive("parcels", () => undefined, { maxInFlight: maxInFlight as number }))).toMatchObject({
    code: "invalid-argument",
    details: { argument: "maxInFlight" },
  });
});

it("a receiver without a handler is refused, and the messages stay for another", async () => {
  const { transport, test } = openVirtualTransport();
  const { messages, handler } = received();
  await transport.send("parcels", [good]);
  const missing: unknown = undefined;
  expect(thrownBy(() => transport.receive("parcels", missing as TransportHandler))).toMatchObject({ details: { argument: "handler" } });
  transport.receive("parcels", handler);
  await test.settle();
  expect(messages).toHaveLength(1);
});

it.each<[keyof InProcessTransportOptions, unknown]>([
  ["maxBufferedMessages", 0],
  ["maxAttempts", 0],
  ["maxAttempts", Infinity],
  ["retryDelayMs", -1],
  ["retryDelayMs", "100"],
  ["maxRetryDelayMs", 99],
  ["onDeadLetter", "log"],
])("a transport whose %s is %j is refused", (option, value) => {
  expect(thrownBy(() => createInProcessTransport({ [option]: value }))).toMatchObject({
    code: "invalid-argument",
    details: { argument: option },
  });
});
