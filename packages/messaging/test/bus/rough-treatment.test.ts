import {
  Command,
  CommandBase,
  createCommandBus,
  createEventBus,
  createQueryBus,
  Event,
  EventBase,
  MessageBuilder,
  metadataOf,
  type CommandNotice,
} from "@reactive-domain/messaging";
import { createTestRuntime } from "@reactive-domain/testing";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AmountDeposited, BalanceOf, CloseAccount, Deposit } from "../banking.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";

class Measure extends Command("Measure")<{ what: string }, number> {}
class Measured extends Event("Measured")<{ what: string }> {}

const close = (): CloseAccount => new CloseAccount({ accountId: "a-1" });
const measure = (): Measure => new Measure({ what: "all" });
const measured = (): Measured => new Measured({ what: "all" });

const loose = <T>(value: unknown): T => value as T;

function errorWith(message: unknown): Error {
  return Object.assign(new Error("x"), { message });
}

function throwing(name: string): object {
  return Object.defineProperty({}, name, {
    get() {
      throw new Error(`No ${name} for you.`);
    },
  });
}

function objectWith(name: string, value: unknown): object {
  return { [name]: value };
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** What cannot be printed, or not even be looked at. */
const UNPRINTABLE: readonly (readonly [string, unknown])[] = [
  ["an error whose message is a symbol", errorWith(Symbol("s"))],
  ["an error whose message is an object", errorWith({})],
  ["an object without a constructor to look at", throwing("constructor")],
  ["a revoked proxy", revoked()],
  ["an object without a prototype", Object.create(null)],
];

describe("what handlers throw that cannot be printed", () => {
  it.each(UNPRINTABLE)("reaches the sender of a command as a cause: %s", async (_, thrown) => {
    const commands = createCommandBus();
    const told: string[] = [];
    commands.observe(({ constructor }) => told.push(constructor.name));
    commands.handle(CloseAccount, async () => {
      throw thrown;
    });
    commands.handle(Measure, () => {
      throw thrown;
    });
    expect(await rejectionOf(commands.send(close()))).toMatchObject({ code: "command-failed" });
    expect(await rejectionOf(commands.send(measure()))).toMatchObject({ code: "command-failed" });
    expect(told).toEqual(["Acknowledged", "Fail", "Acknowledged", "Fail"]);
  });

  it.each(UNPRINTABLE)("is told to the publisher of an event: %s", async (_, thrown) => {
    const events = createEventBus();
    events.subscribe(Measured, async () => {
      throw thrown;
    });
    const failure = await rejectionOf(events.publish(measured()));
    expect(failure).toMatchObject({ code: "event-handlers-failed", failures: [{ handler: expect.any(String) as unknown }] });
  });
});

describe("answers that are promises of another kind", () => {
  const thenable = (then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void): never =>
    loose(objectWith("then", then));

  it("count once, whatever they do after it", async () => {
    const commands = createCommandBus();
    const told: string[] = [];
    commands.observe(({ constructor }) => told.push(constructor.name));
    const answers = [
      thenable((resolve) => [resolve(1), resolve(2)]),
      thenable((resolve, reject) => [resolve(1), reject(new Error("late"))]),
      thenable((resolve) => {
        resolve(1);
        throw new Error("late");
      }),
    ];
    commands.handle(Measure, () => answers.shift() as never);
    for (let sent = 0; sent < 3; sent++) expect(await commands.send(measure())).toBe(1);
    expect(told).toEqual(Array.from({ length: 3 }, () => ["Acknowledged", "Success"]).flat());
  });

  it("that throw are failures of the handler, and leave nothing behind", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const commands = createCommandBus();
      const answers = [
        thenable(() => {
          throw new Error("then!");
        }),
        throwing("then"),
        thenable((resolve) => resolve(Promise.reject(new Error("inner")))),
      ];
      commands.handle(Measure, () => answers.shift() as never);
      for (const message of ["then!", "No then for you.", "inner"])
        expect(await rejectionOf(commands.send(measure()))).toMatchObject({ code: "command-failed", cause: { message } });
    });
    await test.settle();
    expect(test.pendingTimers).toBe(0);
  });

  it("are waited for by a publisher, each once, and their failures are told", async () => {
    const events = createEventBus();
    const done: string[] = [];
    events.subscribe(Measured, () =>
      thenable((resolve) => {
        resolve(1);
        resolve(1);
      }),
    );
    events.subscribe(Measured, async function slow() {
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      done.push("slow");
    });
    await events.publish(measured());
    expect(done).toEqual(["slow"]);
    events.subscribe(Measured, function broken() {
      return thenable(() => {
        throw new Error("then!");
      });
    });
    expect(await rejectionOf(events.publish(measured()))).toMatchObject({ failures: [{ handler: "broken", error: { message: "then!" } }] });
  });
});

describe("observers that fail later", () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning.message);
  beforeEach(() => process.on("warning", onWarning));
  afterEach(() => process.off("warning", onWarning));

  it("become warnings of the process, and no rejection that nobody handles", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const commands = createCommandBus({
        slowAfterMs: 0,
        onSlow: async () => {
          throw new Error("no pager");
        },
      });
      commands.handle(CloseAccount, () => 1);
      commands.observe(async () => {
        throw new Error("no audit");
      });
      await commands.send(close());
    });
    await vi.waitFor(() => expect(warnings.toSorted()).toEqual(["no audit", "no audit", "no pager"]));
  });

  it("that are no functions are refused, as are options that are none", () => {
    for (const create of [createCommandBus, createEventBus, createQueryBus])
      for (const options of [null, "x", 5]) expect(refusalOf(() => create(loose(options)))).toMatchObject({ code: "invalid-argument" });
    const commands = createCommandBus();
    expect(refusalOf(() => commands.observe(loose("x")))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => createCommandBus({ onSlow: loose("x") }))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => createCommandBus({ slowAfterMs: Number.NaN }))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => createCommandBus({ slowAfterMs: loose("1") }))).toMatchObject({ code: "invalid-argument" });
  });
});

describe("a sender's signal", () => {
  it("that is none is refused before anything happens", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const [commands, events, queries] = [createCommandBus(), createEventBus(), createQueryBus()];
      let handled = 0;
      commands.handle(CloseAccount, async () => handled++);
      events.subscribe(Measured, () => handled++);
      queries.handle(BalanceOf, () => ({ balance: handled++ }));
      for (const signal of [new AbortController(), "x", {}, 5, null]) {
        const options = loose<{ signal: AbortSignal }>({ signal });
        const expected = { code: "invalid-argument", details: { argument: "signal" } };
        expect(await rejectionOf(commands.send(close(), options))).toMatchObject(expected);
        expect(await rejectionOf(events.publish(measured(), options))).toMatchObject(expected);
        expect(await rejectionOf(queries.ask(new BalanceOf({ accountId: "a" }), options))).toMatchObject(expected);
      }
      expect(handled).toBe(0);
    });
    await test.settle();
    expect(test.pendingTimers).toBe(0);
  });

  it("is listened to no longer when a command is done, however it was done", async () => {
    const commands = createCommandBus();
    commands.handle(Measure, (_, { signal }) => (signal.aborted ? 1 : 0));
    commands.handle(CloseAccount, (_, { signal }) => {
      throw new Error(signal.aborted ? "aborted" : "failed");
    });
    commands.handle(Deposit, async (_, { signal }) => signal.aborted);
    const sender = new AbortController().signal;
    const [added, removed] = [vi.spyOn(sender, "addEventListener"), vi.spyOn(sender, "removeEventListener")];
    await commands.send(measure(), { signal: sender });
    await rejectionOf(commands.send(close(), { signal: sender }));
    await commands.send(new Deposit({ accountId: "a", amount: 1 }), { signal: sender });
    const listeners = added.mock.calls.map(([, listener]) => listener);
    expect(listeners.length).toBeGreaterThanOrEqual(3);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(expect.arrayContaining(listeners));
  });

  it.each(["the observer of its acknowledgement", "its schema", "a step"])("that aborts within %s has no handler run", async (place) => {
    const sender = new AbortController();
    const abort = (where: string): boolean => {
      if (where === place) sender.abort("left");
      return true;
    };
    class Checked extends Command("Checked", {
      schema: v.pipe(
        v.object({ id: v.string() }),
        v.check(() => abort("its schema")),
      ),
    }) {}
    const notices: CommandNotice[] = [];
    const steps = place === "a step" ? [async (_: unknown, __: unknown, next: () => Promise<unknown>) => [abort(place), await next()]] : [];
    const commands = createCommandBus({ middleware: steps });
    commands.observe((notice) => {
      notices.push(notice);
      abort("the observer of its acknowledgement");
    });
    let handled = 0;
    commands.handle(Checked, () => handled++);
    const failure = await rejectionOf(commands.send(new Checked({ id: "1" }), { signal: sender.signal }));
    expect(failure).toMatchObject({ code: "message-canceled", cause: "left" });
    expect(handled).toBe(0);
    expect(notices.map(({ constructor }) => constructor.name)).toEqual(["Acknowledged", "Canceled"]);
  });
});

describe("what is registered", () => {
  it.each([
    ["nothing", undefined],
    ["an object", {}],
    ["a class of something else", Map],
    ["a class of another kind of message", AmountDeposited],
    ["the base of all commands", CommandBase],
  ])("on a bus of commands is refused where it is %s", (_, what) => {
    const commands = createCommandBus();
    expect(refusalOf(() => commands.handle(loose(what), () => 1))).toMatchObject({ code: "invalid-argument" });
    expect(commands.handledTypes()).toEqual([]);
  });

  it("on a bus of queries or events is of its kind, and has a function", () => {
    const [queries, events] = [createQueryBus(), createEventBus()];
    expect(refusalOf(() => queries.handle(loose(CloseAccount), () => loose<never>(1)))).toMatchObject({
      message: expect.stringContaining("made by Query") as unknown,
    });
    expect(refusalOf(() => events.subscribe(loose(CloseAccount), () => 1))).toMatchObject({
      message: expect.stringContaining("made by Event") as unknown,
    });
    expect(refusalOf(() => queries.handle(BalanceOf, loose<() => never>("x")))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => events.subscribe(EventBase, loose(null)))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => createCommandBus().handle(CloseAccount, loose(undefined)))).toMatchObject({ code: "invalid-argument" });
  });

  it("twice for an event, with and without derived ones, is refused instead of passed over", () => {
    const events = createEventBus();
    const handler = (): void => undefined;
    events.subscribe(AmountDeposited, handler, { includeDerived: false });
    expect(refusalOf(() => events.subscribe(AmountDeposited, handler))).toMatchObject({ code: "invalid-argument" });
  });

  it("has options, if any", () => {
    expect(refusalOf(() => createEventBus().subscribe(AmountDeposited, () => 1, loose(null)))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => createCommandBus().configure(loose(undefined)))).toMatchObject({ code: "invalid-argument" });
  });

  it("is not asked for a command that is published", async () => {
    expect(await rejectionOf(createEventBus().publish(loose(close())))).toMatchObject({ code: "invalid-argument" });
  });
});

describe("facts of a message", () => {
  it("are texts, and a custom object", () => {
    for (const facts of [
      { id: null },
      { id: "" },
      { id: 5 },
      { correlationId: 5 },
      { actor: {} },
      { custom: 5 },
      { custom: [] },
      null,
      "x",
    ])
      expect(refusalOf(() => MessageBuilder.create(close(), loose(facts)))).toMatchObject({ code: "invalid-argument" });
    expect(metadataOf(MessageBuilder.create(close(), { id: "c-1", actor: "ann" }))).toMatchObject({ id: "c-1", actor: "ann" });
  });

  it("are those of a message", () => {
    for (const what of [null, undefined, {}, "x", { id: "" }]) {
      expect(refusalOf(() => MessageBuilder.from(loose(what)))).toMatchObject({ code: "invalid-argument" });
      expect(refusalOf(() => MessageBuilder.create(loose(what)))).toMatchObject({ code: "invalid-argument" });
    }
    for (const what of [{}, Object.create(CloseAccount.prototype)])
      expect(refusalOf(() => metadataOf(loose(what)))).toMatchObject({ code: "invalid-argument" });
  });
});
