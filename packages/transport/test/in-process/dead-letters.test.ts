import { withRuntime } from "@reactive-domain/core";
import { createTestRuntime } from "@reactive-domain/testing";
import { createInProcessTransport, type DeadLetter } from "@reactive-domain/transport";
import { expect, it } from "vitest";
import { newMessage, newMessages } from "../new-message.ts";
import { openVirtualTransport } from "./virtual-transport.ts";

const failure = new Error("no such address");

function refuse(): never {
  throw failure;
}

it("a message that failed at its last attempt is listed with its error and attempts, and those behind it go on", async () => {
  const { transport, test } = openVirtualTransport({ maxAttempts: 3 });
  const handled: string[] = [];
  transport.receive("parcels", ({ id }) => (id === "m1" ? refuse() : handled.push(id)));
  await transport.send("parcels", newMessages("m1", "m2"));
  await test.clock.advanceBy(300);
  expect(await transport.deadLetters("parcels")).toStrictEqual([
    { channel: "parcels", message: newMessage("m1"), error: failure, attempts: 3 },
  ]);
  expect(handled).toStrictEqual(["m2"]);
});

it("dead letters are listed by channel, in the order in which they were given up, and whoever asked to is told of each", async () => {
  const told: DeadLetter[] = [];
  const { transport, test } = openVirtualTransport({ maxAttempts: 1, onDeadLetter: (letter) => told.push(letter) });
  transport.receive("parcels", refuse);
  transport.receive("letters", refuse);
  await transport.send("parcels", newMessages("p1", "p2"));
  await test.settle();
  await transport.send("letters", newMessages("l1"));
  await test.settle();
  const parcels = await transport.deadLetters("parcels");
  expect(parcels.map(({ message }) => message.id)).toStrictEqual(["p1", "p2"]);
  expect(told).toStrictEqual([...parcels, ...(await transport.deadLetters("letters"))]);
});

it("a channel that nobody has used has no dead letters", async () => {
  const { transport } = openVirtualTransport();
  expect(await transport.deadLetters("parcels")).toStrictEqual([]);
});

it("dead letters can be listed after the receiver and the transport are closed", async () => {
  const { transport, test } = openVirtualTransport({ maxAttempts: 1 });
  const receiver = transport.receive("parcels", refuse);
  await transport.send("parcels", newMessages("m1"));
  await test.settle();
  await receiver.close();
  await transport.close();
  expect(await transport.deadLetters("parcels")).toHaveLength(1);
});

it("listing with an aborted signal gives its reason", async () => {
  const { transport } = openVirtualTransport();
  const reason = new Error("not any more");
  await expect(transport.deadLetters("parcels", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

it("an onDeadLetter that throws is an uncaught error of the process, and stops neither the receiver nor the parking", async () => {
  const fault = new Error("the log is full");
  const uncaught: unknown[] = [];
  const { runtime, settle } = withTasksGuarded(uncaught);
  const transport = withRuntime(runtime, () => createInProcessTransport({ maxAttempts: 1, onDeadLetter: () => raise(fault) }));
  const handled: string[] = [];
  transport.receive("parcels", ({ id }) => (id === "m1" ? refuse() : handled.push(id)));
  await transport.send("parcels", newMessages("m1", "m2"));
  await settle();
  expect(uncaught).toStrictEqual([fault]);
  expect(handled).toStrictEqual(["m2"]);
  expect(await transport.deadLetters("parcels")).toHaveLength(1);
});

function raise(error: Error): never {
  throw error;
}

/** A test runtime that keeps what its tasks throw. */
function withTasksGuarded(uncaught: unknown[]): Pick<ReturnType<typeof createTestRuntime>, "runtime" | "settle"> {
  const test = createTestRuntime();
  const { scheduler } = test.runtime;
  const guarded = (task: () => void) => (): void => {
    try {
      task();
    } catch (error) {
      uncaught.push(error);
    }
  };
  const runtime = {
    ...test.runtime,
    scheduler: {
      turn: () => scheduler.turn(),
      soon: (task: () => void) => scheduler.soon(guarded(task)),
      after: (delayMs: number, task: () => void) => scheduler.after(delayMs, task),
    },
  };
  return { runtime, settle: () => test.settle() };
}
