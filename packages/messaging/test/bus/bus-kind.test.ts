import { busKindOf, createCommandBus, createEventBus, createMessageQueue, createQueryBus } from "@reactive-domain/messaging";
import { expect, it } from "vitest";

const values = [
  ["a command bus", createCommandBus(), "command"],
  ["an event bus", createEventBus(), "event"],
  ["a query bus", createQueryBus(), "query"],
  ["a bus of another copy of the package", { [Symbol.for("@reactive-domain/messaging/bus")]: "query" }, "query"],
  ["what only describes itself", { describe: () => ({ handlers: [], middleware: [] }) }, undefined],
  ["what only looks so", { [Symbol.for("@reactive-domain/messaging/bus")]: "toString" }, undefined],
  ["a queue", createMessageQueue("mails", () => undefined), undefined],
  ["a function", createCommandBus, undefined],
  ["nothing", null, undefined],
] as const;

it.each(values)("%s is known for what it is", (_, value, kind) => {
  expect(busKindOf(value)).toBe(kind);
});
