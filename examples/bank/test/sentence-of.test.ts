import {
  AlreadyClosed,
  CommandFailed,
  CorruptEvent,
  InvalidArgument,
  FeedFaulted,
  StoreUnavailable,
  UnknownEventType,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { bugBeneath, sentenceOf } from "../src/cli/sentence-of.ts";
import { UsageError } from "../src/cli/usage-error.ts";

const unavailable = new StoreUnavailable("bank.db", "cannot grow: the disk is full", { retryable: true });
const corrupt = new CorruptEvent("AccountOpened", "Event 0 of a", "its data is not JSON", new SyntaxError("Unexpected end"));
const unknown = new UnknownEventType("Nope", "Event 0 of a", ["AccountOpened"]);
const damaged = new StoreUnavailable("bank.db", "is damaged: events refer to a stream 3 that is not there", { retryable: false });

const bug = new TypeError("x is not a function");

function systemError(): Error {
  return Object.assign(new Error("EIO: i/o error, read"), { errno: -5, code: "EIO", syscall: "read" });
}

function suppressing(first: Error): Error {
  return Object.assign(new Error("An error was suppressed"), { name: "SuppressedError", error: damaged, suppressed: first });
}

describe("what the user is told", () => {
  it.each([
    ["a wrong argument", new UsageError("There is no file x."), /^There is no file x\.$/],
    ["an error of the toolkit", new InvalidArgument("path", "a file", 1), /^path must be a file/],
    ["a closed store", new AlreadyClosed("The store"), /^The store is closed\./],
    ["a store that fails a command, in its own words", new CommandFailed("Deposit", "c1", unavailable), /^bank\.db cannot grow/],
    ["a damaged event under a command", new CommandFailed("Deposit", "c1", corrupt), /^Deposit failed: Event 0 of a, .* is not JSON\.$/],
    ["an unknown event in a read model", new FeedFaulted("Balances", "all", "at 0", unknown), /^Balances stopped .* has the type Nope/],
    ["a damaged file in a read model", new FeedFaulted("Balances", "all", "at 0", damaged), /^bank\.db is damaged/],
    ["a bug in a read model", new FeedFaulted("Balances", "all", "at 0", bug), /^Balances stopped taking all at 0: x is not a function$/],
    ["a failing device", systemError(), /^EIO: i\/o error, read$/],
    ["what went wrong before closing failed", suppressing(unavailable), /^bank\.db cannot grow/],
    ["text that would move the cursor", new UsageError("a\n\u{1b}[2J"), /^a\\u000a\\u001b\[2J$/],
  ])("is a sentence: %s", (_, error, expected) => {
    expect(sentenceOf(error)).toMatch(expected);
  });

  it.each([
    ["a bug", new TypeError("x is not a function")],
    ["a bug that is a plain error", new Error("unreachable")],
    ["a bug in a handler", new CommandFailed("Deposit", "c1", new TypeError("x is not a function"))],
    ["what is no error", "oops"],
  ])("is the stack: %s", (_, error) => {
    expect(sentenceOf(error)).toBeUndefined();
  });
  it("of a bug that has stopped a read model is a sentence, and the stack beneath", () => {
    expect(bugBeneath(new FeedFaulted("Balances", "all", "at 0", bug))).toBe(bug.stack);
    expect(bugBeneath(new FeedFaulted("Balances", "all", "at 0", damaged))).toBeUndefined();
    expect(bugBeneath(new CommandFailed("Deposit", "c1", bug))).toBeUndefined();
  });
});
