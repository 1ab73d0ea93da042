import { sleep } from "@reactive-domain/core";
import {
  Command,
  createCommandBus,
  createEventBus,
  createQueryBus,
  Event,
  logging,
  MessageBuilder,
  metadataOf,
  Query,
  validation,
  type LogEntry,
  type LoggingOptions,
} from "@reactive-domain/messaging";
import { createTestRuntime } from "@reactive-domain/testing";
import * as v from "valibot";
import { afterEach, describe, expect, it, vi } from "vitest";
import { rejectionOf, refusalOf } from "../refusal.ts";

class Pay extends Command("Pay", { sensitive: ["card.number", "pin", "receivers.iban"] })<
  {
    card: { number: string; holder: string };
    pin: number;
    receivers: readonly { name: string; iban: string }[];
    note?: unknown;
  },
  string
> {}
class Paid extends Event("Paid")<{ amount: number }> {}
class LastPayment extends Query("LastPayment")<{ account: string }, number> {}
class Checkout extends Command("Checkout")<{ basket: string }> {}

const NUMBER = "4111111111111111";
const payment = (note?: unknown): Pay =>
  new Pay({
    card: { number: NUMBER, holder: "Ann" },
    pin: 7391,
    receivers: [
      { name: "Ben", iban: "DE02120300000000202051" },
      { name: "Cleo", iban: "FR7630006000011234567890189" },
    ],
    ...(note === undefined ? undefined : { note }),
  });

/** What is logged of one command on its way to a handler. */
async function entryOf(command: Pay, handler: (command: Pay) => unknown, options: Partial<LoggingOptions> = {}): Promise<LogEntry> {
  const entries: LogEntry[] = [];
  const commands = createCommandBus({ middleware: [logging({ log: (entry) => entries.push(entry), ...options }), validation()] });
  commands.handle(Pay, function pay(sent) {
    return handler(sent) as string;
  });
  await commands.trySend(command);
  expect(entries).toHaveLength(1);
  const [entry] = entries;
  expect(JSON.parse(JSON.stringify(entry))).toEqual(entry);
  return entry as LogEntry;
}

const failing = (message: string) => (): never => {
  throw new Error(message);
};

describe("an entry", () => {
  it("is written of each message that is done, with all that is known of it", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const command = MessageBuilder.from(
        metadataOf(MessageBuilder.create(new Checkout({ basket: "b" }), { actor: "ann", tenant: "north" })),
      ).create(payment());
      const { id, correlationId, causationId } = metadataOf(command);
      expect(await entryOf(command, () => sleep(25))).toEqual({
        level: "info",
        kind: "command",
        type: "Pay",
        id,
        correlationId,
        causationId,
        actor: "ann",
        tenant: "north",
        handler: "pay",
        durationMs: 25,
        outcome: "done",
        payload: {
          card: { number: "***", holder: "Ann" },
          pin: "***",
          receivers: [
            { name: "Ben", iban: "***" },
            { name: "Cleo", iban: "***" },
          ],
        },
      });
    });
  });

  it("tells of a failure its code and message, and the sender gets the error as without it", async () => {
    class Frozen extends Error {
      override readonly name = "Frozen";
    }
    const frozen = new Frozen("The account is frozen.");
    const entries: LogEntry[] = [];
    const queries = createQueryBus({ middleware: [logging({ log: (entry) => entries.push(entry) })] });
    queries.handle(LastPayment, () => Promise.reject(frozen));
    expect(await rejectionOf(queries.ask(new LastPayment({ account: "a" })))).toBe(frozen);
    expect(entries).toMatchObject([
      {
        level: "error",
        kind: "query",
        outcome: "failed",
        handler: "a handler without a name",
        error: { code: "Frozen", message: "The account is frozen." },
        payload: { account: "a" },
      },
    ]);
  });

  it("is written for each handler of an event, with its name", async () => {
    const entries: LogEntry[] = [];
    const events = createEventBus({ middleware: [logging({ log: (entry) => entries.push(entry), payload: false })] });
    events.subscribe(Paid, function mail() {});
    events.subscribe(Paid, function book() {
      throw new TypeError("no book");
    });
    expect(await rejectionOf(events.publish(new Paid({ amount: 1 })))).toMatchObject({ code: "event-handlers-failed" });
    const byName = entries.toSorted((one, other) => (one.handler < other.handler ? -1 : 1));
    expect(byName.map(({ handler, outcome, error }) => ({ handler, outcome, error }))).toEqual([
      { handler: "book", outcome: "failed", error: { code: "TypeError", message: "no book" } },
      { handler: "mail", outcome: "done", error: undefined },
    ]);
    expect(entries.some((entry) => "payload" in entry)).toBe(false);
  });

  it.each([
    ["a handler that heeds its signal", true],
    ["a handler that throws the signal's reason", false],
  ])("says of a sender who gave up that the message was cancelled: %s", async (_, isHeeded) => {
    const entries: LogEntry[] = [];
    const commands = createCommandBus({ middleware: [logging({ log: (entry) => entries.push(entry) })] });
    const inner = createQueryBus();
    inner.handle(LastPayment, () => 1);
    const stop = new AbortController();
    commands.handle(Checkout, async (_command, { signal }) => {
      stop.abort(new Error("enough"));
      if (isHeeded) await inner.ask(new LastPayment({ account: "a" }), { signal });
      signal?.throwIfAborted();
    });
    await rejectionOf(commands.send(new Checkout({ basket: "b" }), { signal: stop.signal }));
    await vi.waitFor(() => expect(entries).toMatchObject([{ level: "warn", outcome: "canceled" }]));
  });

  it("is marked where the message was slow", async () => {
    await createTestRuntime().run(async () => {
      const slow = { slowAfterMs: 100, level: "debug" } as const;
      expect(await entryOf(payment(), () => sleep(100), slow)).toMatchObject({ level: "warn", isSlow: true, outcome: "done" });
      const quick = await entryOf(payment(), () => sleep(99), slow);
      expect(quick).toMatchObject({ level: "debug", durationMs: 99 });
      expect("isSlow" in quick).toBe(false);
    });
  });
});

describe("what is sensitive", () => {
  it("stays in the message that the handler gets", async () => {
    const seen: Pay[] = [];
    await entryOf(payment(), (command) => seen.push(command));
    expect(seen).toEqual([payment()]);
  });

  it.each([
    ["as it is", `No account for card ${NUMBER} and pin 7391.`, "No account for card *** and pin ***."],
    ["more than once", `${NUMBER}/${NUMBER}`, "***/***"],
    ["of an element of an array", "DE02120300000000202051 and FR7630006000011234567890189", "*** and ***"],
    ["but not what others say", "Ann has no card 4111.", "Ann has no card 4111."],
  ])("is masked in the message of an error: %s", async (_, text, shown) => {
    expect((await entryOf(payment(), failing(text))).error).toEqual({ code: "Error", message: shown });
  });

  it.each(['a "quoted" secret', "line\nbreak", "long ".repeat(30), "ü-ä"])("is masked as errors quote it: %j", async (number) => {
    const command = new Pay({ ...payment(), card: { number, holder: "Ann" } });
    const describing = refusalOf(() => logging({ log: number as never }));
    for (const text of [JSON.stringify({ number }), (describing as Error).message]) {
      const { error } = await entryOf(command, failing(text));
      expect(error?.message).toContain("***");
      expect(error?.message).not.toContain(JSON.stringify(number).slice(1, 8));
    }
  });

  it("is masked where it is short and stands alone, and leaves words as they are", async () => {
    const command = new Pay({ ...payment(), pin: 12, card: { number: "a+", holder: "Ann" } });
    const { error } = await entryOf(command, failing("pin 12 of 3124 is not a+, but an a."));
    expect(error?.message).toBe("pin *** of 3124 is not ***, but an a.");
  });

  it("D21: is masked in what a schema says of a message that does not fit", async () => {
    class Register extends Command("Register", {
      schema: v.object({ card: v.object({ number: v.number() }), mail: v.pipe(v.string(), v.email()) }),
      sensitive: ["card.number", "mail"],
    }) {}
    const entries: LogEntry[] = [];
    const commands = createCommandBus({ middleware: [logging({ log: (entry) => entries.push(entry) }), validation()] });
    commands.handle(Register, () => undefined);
    const untyped: unknown = { card: { number: NUMBER }, mail: "ann at home" };
    const refusal = await rejectionOf(commands.send(new Register(untyped as { card: { number: number }; mail: string })));
    expect(String(refusal)).toContain(NUMBER);
    expect(entries).toMatchObject([
      { outcome: "failed", error: { code: "invalid-message" }, payload: { card: { number: "***" }, mail: "***" } },
    ]);
    expect(JSON.stringify(entries)).not.toContain(NUMBER);
    expect(JSON.stringify(entries)).not.toContain("ann at home");
    expect(entries[0]?.error?.message).toContain("card.number");
  });

  it("is masked also where the payload has not the shape that its type says", async () => {
    const untyped: unknown = { card: NUMBER, pin: [7391, { deep: "deep secret" }], receivers: { iban: "DE02", other: 1 } };
    const { payload, error } = await entryOf(new Pay(untyped as never), failing(`${NUMBER} 7391 deep secret DE02`));
    expect(payload).toEqual({ card: "***", pin: "***", receivers: { iban: "***", other: 1 } });
    expect(error?.message).toBe("*** *** *** ***");
  });

  it("is masked where a field's own name has dots, and where the class derives from one that says so", async () => {
    class Dotted extends Command("Dotted", { sensitive: ["a.b"] })<Record<string, string>> {}
    class Derived extends Command("Derived", { extends: Dotted, sensitive: ["c"] })<{ c: string }> {}
    const entries: LogEntry[] = [];
    const commands = createCommandBus({ middleware: [logging({ log: (entry) => entries.push(entry) })] });
    commands.handle(Derived, () => undefined);
    await commands.send(new Derived({ "a.b": "one", c: "two" }));
    expect(entries[0]?.payload).toEqual({ "a.b": "***", c: "***" });
  });

  it("is found and masked beside what cannot be read, and in the text of no error where it cannot be looked for", async () => {
    const card = {
      get broken(): string {
        throw new Error("not here");
      },
      number: NUMBER,
    };
    const wholly = (part: unknown): Pay => new Pay({ ...payment(), card: { number: part as string, holder: "Ann" } });
    expect((await entryOf(wholly(card), failing(`Card ${NUMBER} was refused.`))).error?.message).toBe("Card *** was refused.");
    const gone = Proxy.revocable({}, {});
    gone.revoke();
    expect((await entryOf(wholly(gone.proxy), failing("Card 4111 was refused."))).error?.message).toBe("***");
  });

  it("is looked for once in what refers to itself in many ways", async () => {
    let looks = 0;
    const lines: unknown[] = [];
    const order = {
      get secret(): string {
        if (++looks > 10) throw new Error("too often");
        return "deep secret";
      },
      lines,
    };
    for (let line = 0; line < 3; line++) lines.push({ order });
    class Place extends Command("Place", { sensitive: ["order"] })<{ order: unknown }> {}
    const entries: LogEntry[] = [];
    const commands = createCommandBus({ middleware: [logging({ log: (entry) => entries.push(entry) })] });
    commands.handle(Place, failing("There is a deep secret."));
    await rejectionOf(commands.send(new Place({ order })));
    expect(entries).toMatchObject([{ error: { message: "There is a ***." }, payload: { order: "***" } }]);
    expect(looks).toBe(1);
  });

  it("is found at the beginning of a long list", async () => {
    const receivers = Array.from({ length: 20_000 }, (_, index) => ({ name: "Ben", iban: `DE${index + 1_000_000}` }));
    const { error } = await entryOf(new Pay({ ...payment(), receivers }), failing("DE1000000 and DE1000900"));
    expect(error?.message).toBe("*** and ***");
  });

  it("is looked for in so much of a payload and no further", async () => {
    let looks = 0;
    const many = Array.from({ length: 100_000 }, () => ({
      get nothing(): null {
        looks++;
        return null;
      },
    }));
    class Place extends Command("Place", { sensitive: ["order"] })<{ order: unknown }> {}
    const commands = createCommandBus({ middleware: [logging({ log: () => undefined })] });
    commands.handle(Place, failing("no"));
    await rejectionOf(commands.send(new Place({ order: many })));
    expect(looks).toBeLessThan(10_000);
  });

  it("is masked further out, where only the inner message says that it is sensitive", async () => {
    const entries: LogEntry[] = [];
    const commands = createCommandBus({ middleware: [logging({ log: (entry) => entries.push(entry) })] });
    commands.handle(Pay, failing(`Card ${NUMBER} was refused.`));
    commands.handle(Checkout, () => commands.send(payment()));
    await rejectionOf(commands.send(new Checkout({ basket: "b" })));
    expect(entries.map(({ type, error }) => [type, error?.message])).toEqual([
      ["Pay", "Card *** was refused."],
      ["Checkout", "Pay failed: Card *** was refused."],
    ]);
  });
});

describe("a payload", () => {
  it("is cut where its JSON is too long, behind the mask", async () => {
    const command = payment("x".repeat(1_000_000));
    const whole = JSON.stringify({ card: { number: "***", holder: "Ann" }, pin: "***" }).slice(0, 40);
    const entry = await entryOf(command, () => "ok", { maxPayloadLength: 40 });
    expect(entry).toMatchObject({ payload: whole, isPayloadCut: true });
    expect((await entryOf(command, () => "ok")).payload).toHaveLength(2_000);
  });

  it("is whole where its JSON has just as many characters as it may have", async () => {
    const length = JSON.stringify((await entryOf(payment(), () => "ok")).payload).length;
    expect(await entryOf(payment(), () => "ok", { maxPayloadLength: length })).not.toHaveProperty("isPayloadCut");
    expect(await entryOf(payment(), () => "ok", { maxPayloadLength: length - 1 })).toHaveProperty("isPayloadCut", true);
  });

  it("that is cut is the beginning of the whole", async () => {
    const note = { text: 'a "b"\n', many: Array.from({ length: 50 }, (_, index) => ({ index, half: index / 2, none: null, no: false })) };
    const whole = JSON.stringify((await entryOf(payment(note), () => "ok", { maxPayloadLength: 100_000 })).payload);
    for (let length = 1; length < whole.length; length += 13) {
      const { payload } = await entryOf(payment(note), () => "ok", { maxPayloadLength: length });
      expect(payload).toBe(whole.slice(0, length));
    }
  });

  it("is looked at only as far as it is shown", async () => {
    let looked = 0;
    const many = Array.from({ length: 10_000 }, () => ({
      get value() {
        return ++looked;
      },
    }));
    await entryOf(payment(many), () => "ok", { maxPayloadLength: 500 });
    expect(looked).toBeLessThan(100);
  });

  it("becomes JSON whatever it holds", async () => {
    const circle: Record<string, unknown> = { name: "circle" };
    circle["self"] = circle;
    const note = {
      big: 10n,
      nan: Number.NaN,
      date: new Date(0),
      bytes: new Uint8Array(3),
      call: () => undefined,
      list: [undefined, Symbol("s")],
      map: new Map([["a", 1]]),
      circle,
      ["__proto__"]: { polluted: true },
    };
    const { payload } = await entryOf(payment(note), () => "ok");
    expect((payload as { note: unknown }).note).toEqual({
      big: "10",
      nan: "NaN",
      date: "1970-01-01T00:00:00.000Z",
      bytes: "3 bytes",
      list: [null, null],
      map: {},
      circle: { name: "circle", self: "..." },
      ["__proto__"]: { polluted: true },
    });
  });
});

describe("what cannot be shown", () => {
  it("of a payload leaves the rest of it to be seen", async () => {
    const gone = Proxy.revocable({}, {});
    gone.revoke();
    const note = {
      before: 1,
      get broken(): string {
        throw new Error("not here");
      },
      stubborn: {
        toJSON: () => {
          throw new Error("not me");
        },
      },
      list: [1, gone.proxy, 3],
      after: 2,
    };
    const { payload } = await entryOf(payment(note), () => "ok");
    expect((payload as { note: unknown }).note).toEqual({ before: 1, broken: "...", stubborn: "...", list: [1, "...", 3], after: 2 });
  });

  it.each<readonly [string, PropertyDescriptorMap, NonNullable<LogEntry["error"]>]>([
    ["without a message", { message: { value: undefined } }, { code: "Error", message: "an instance of Error" }],
    ["whose message is no text", { message: { value: { reason: "no funds" } } }, { code: "Error", message: "an instance of Error" }],
    ["whose name is no text", { name: { value: 5 } }, { code: "Error", message: "no" }],
    [
      "that cannot be read",
      Object.fromEntries(["name", "message", "cause"].map((field) => [field, { get: failing("not here") }])),
      { code: "Error", message: "an instance of Error" },
    ],
  ])("of an error leaves an entry without it: one %s", async (_, fields, shown) => {
    const error = Object.defineProperties(new Error("no"), fields);
    expect((await entryOf(payment(), () => Promise.reject(error))).error).toEqual(shown);
  });

  it("of several errors that are none leaves an entry", async () => {
    const error = Object.assign(new AggregateError([], "no"), { errors: undefined });
    expect((await entryOf(payment(), () => Promise.reject(error))).error).toEqual({ code: "AggregateError", message: "no" });
  });
});

describe("a log that throws", () => {
  const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  afterEach(() => warning.mockClear());

  it.each<readonly [string, () => unknown]>([
    ["at once", failing("disk full")],
    ["later", () => Promise.reject(new Error("disk full"))],
  ])("breaks no message, and is a warning: %s", async (_, log) => {
    const commands = createCommandBus({ middleware: [logging({ log })] });
    commands.handle(Pay, () => "paid");
    expect(await commands.send(payment())).toBe("paid");
    await Promise.resolve();
    expect(warning.mock.calls).toEqual([[new Error("disk full")]]);
  });
});

it.each<readonly [string, object]>([
  ["log", { log: "console" }],
  ["log", {}],
  ["maxPayloadLength of logging", { log: () => undefined, maxPayloadLength: 0 }],
  ["slowAfterMs of logging", { log: () => undefined, slowAfterMs: Number.NaN }],
  ["slowAfterMs of logging", { log: () => undefined, slowAfterMs: "x" }],
  ["slowAfterMs of logging", { log: () => undefined, slowAfterMs: -1 }],
  ["level of logging", { log: () => undefined, level: "loud" }],
  ["payload of logging", { log: () => undefined, payload: "no" }],
])("%s is refused: %j", (argument, options) => {
  expect(refusalOf(() => logging(options as LoggingOptions))).toMatchObject({ code: "invalid-argument", details: { argument } });
});
