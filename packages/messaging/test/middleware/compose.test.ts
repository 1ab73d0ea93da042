import {
  circuitBreaker,
  CommandFailed,
  concurrencyLimit,
  createCommandBus,
  createEventBus,
  createQueryBus,
  deduplication,
  Event,
  InvalidMessage,
  logging,
  metrics,
  onlyFor,
  rateLimit,
  retryOnConflict,
  timeout,
  tracing,
  validation,
  type Middleware,
  type Next,
} from "@reactive-domain/messaging";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { AmountDeposited, BalanceOf, CloseAccount, Deposit, GiftReceived, OpenAccount } from "../banking.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { allBuses, stepErrorOf } from "./buses.ts";

class Refused extends Error {}

/** Every one that there is. */
const factories: readonly ((...args: never) => unknown)[] = [
  circuitBreaker,
  concurrencyLimit,
  deduplication,
  logging,
  metrics,
  onlyFor,
  rateLimit,
  retryOnConflict,
  timeout,
  tracing,
  validation,
];
const passing: Middleware = (_, __, next) => next();

describe.each(allBuses)("the steps of %s", (_, createBus) => {
  it("run around the handler, the first outermost, each with the message and the handler's facts", async () => {
    const log: string[] = [];
    const step =
      (name: string): Middleware =>
      async (message, { handler, metadata }, next) => {
        log.push(`${name} ${Object.values(message).join()} ${handler.type}`);
        expect(metadata.id).not.toBe("");
        const answer = await next();
        log.push(`${name} done`);
        return answer;
      };
    const { bus, deliver } = createBus([step("first"), step("second")], () => void log.push("handled"));
    await deliver("a");
    const type = bus.describe().handlers[0]?.type;
    expect(log.map((line) => line.replace(",1", ""))).toEqual([
      `first a ${type}`,
      `second a ${type}`,
      "handled",
      "second done",
      "first done",
    ]);
  });

  it("may be given the next one twice, and the handler then runs twice", async () => {
    let handled = 0;
    const twice: Middleware = async (_message, _context, next) => {
      await next();
      return next();
    };
    await createBus([twice, passing], () => ++handled).deliver("a");
    expect(handled).toBe(2);
  });

  it.each([
    [
      "at once",
      () => {
        throw new Refused("no");
      },
    ],
    [
      "later",
      async () => {
        throw new Refused("no");
      },
    ],
  ])("refuse a message by throwing %s, which the sender gets as it is, and the handler does not run", async (_when, refuse) => {
    let handled = 0;
    const error = stepErrorOf(await rejectionOf(createBus([passing, refuse], () => ++handled).deliver("a")));
    expect(error).toBeInstanceOf(Refused);
    expect(handled).toBe(0);
  });

  it("hand on a signal of their own to what is behind them, and the sender's where they name none", async () => {
    const sender = new AbortController();
    const own = new AbortController();
    const seen: (AbortSignal | undefined)[] = [];
    const look: Middleware = (_message, context, next) => {
      seen.push(context.signal);
      return next();
    };
    const change: Middleware = (_message, _context, next) => next({ signal: own.signal });
    const keep: Middleware = (_message, _context, next) => next({});
    await createBus([look, change, keep, look], (_name, { signal }) => void seen.push(signal)).deliver("a", sender.signal);
    expect(seen.slice(1)).toEqual([own.signal, own.signal]);
    expect(seen[0]).not.toBe(own.signal);
    expect(seen[0]?.aborted).toBe(false);
  });

  it("see the same facts of a handler for as long as it is registered", async () => {
    const seen = new Set<unknown>();
    const look: Middleware = (_message, { handler }, next) => {
      seen.add(handler);
      return next();
    };
    const { bus, deliver } = createBus([look], () => undefined);
    await deliver("a");
    await deliver("b");
    expect([...seen]).toEqual(bus.describe().handlers);
  });

  it("are shown by their names, and the handlers with their place in the code", () => {
    const { bus } = createBus([validation(), (_message, _context, next) => next()], () => undefined);
    const { handlers, middleware } = bus.describe();
    expect(middleware).toEqual(["validation", "a step without a name"]);
    expect(handlers).toHaveLength(1);
    expect(handlers[0]?.site).toContain("buses.ts");
  });
});

describe("a step", () => {
  it("that is made with options which are none is refused, by its name", () => {
    for (const make of factories.filter((factory) => factory !== onlyFor && factory !== validation))
      for (const options of [null, "fast", 5]) {
        const refusal = refusalOf(() => make(...([options] as never)));
        expect(refusal).toMatchObject({ code: "invalid-argument", details: { argument: `options of ${make.name}` } });
      }
    for (const make of [rateLimit, timeout, concurrencyLimit, logging])
      expect(refusalOf(() => make(undefined as never))).toMatchObject({ details: { argument: `options of ${make.name}` } });
  });

  it.each([createCommandBus, createEventBus, createQueryBus])(
    "that is a factory which nobody has called is refused when the bus is made",
    (create) => {
      for (const factory of factories) {
        const refusal = refusalOf(() => create({ middleware: [passing, factory as Middleware] }));
        expect(refusal).toMatchObject({
          code: "invalid-argument",
          message: `middleware[1] must be a step, but is "the factory ${factory.name}". Call it: ${factory.name}(...).`,
        });
      }
    },
  );

  it.each([createCommandBus, createEventBus, createQueryBus])("that is no function is refused when the bus is made", (create) => {
    for (const stray of [undefined, "retry", {}, null]) {
      const error = refusalOf(() => create({ middleware: [passing, stray as Middleware] }));
      expect(error).toMatchObject({ code: "invalid-argument", details: { argument: "middleware[1]" } });
    }
    expect(refusalOf(() => create({ middleware: passing as unknown as readonly Middleware[] }))).toMatchObject({
      code: "invalid-argument",
      details: { argument: "middleware" },
    });
  });

  it("changes what the sender gets, and may answer in the handler's place", async () => {
    const middleware: readonly Middleware[] = [
      async (_, __, next) => ({ accountId: `${((await next()) as { accountId: string }).accountId}!` }),
      () => ({ accountId: "kept" }),
    ];
    const commands = createCommandBus({ middleware });
    commands.handle(OpenAccount, () => ({ accountId: "new" }));
    expect(await commands.send(new OpenAccount({ owner: "ann" }))).toEqual({ accountId: "kept!" });
    const queries = createQueryBus({ middleware: [async (_, __, next) => ({ ...((await next()) as object), balance: 2 })] });
    queries.handle(BalanceOf, () => ({ balance: 1 }));
    expect(await queries.ask(new BalanceOf({ accountId: "a" }))).toEqual({ balance: 2 });
  });

  it("takes its list when the bus is made, not what becomes of the list", async () => {
    const middleware: Middleware[] = [passing];
    const commands = createCommandBus({ middleware });
    middleware.push(() => Promise.reject(new Refused()));
    commands.handle(OpenAccount, () => ({ accountId: "new" }));
    expect(await commands.send(new OpenAccount({ owner: "ann" }))).toEqual({ accountId: "new" });
  });
});

describe("what a command's handler throws", () => {
  const sendTo = async (step: Middleware, failures: readonly Error[]): Promise<unknown> => {
    const left = [...failures];
    const commands = createCommandBus({ middleware: [step] });
    commands.handle(CloseAccount, () => {
      const failure = left.shift();
      if (failure !== undefined) throw failure;
    });
    return rejectionOf(commands.send(new CloseAccount({ accountId: "a" })));
  };
  const again =
    (times: number): Middleware =>
    async (_, __, next: Next) => {
      for (let left = times - 1; left > 0; left--) await next().catch(() => undefined);
      return next();
    };

  it("is the cause of command-failed behind a step, also when the step ran it more than once", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    expect(await sendTo(passing, [first])).toMatchObject({ code: "command-failed", cause: first });
    expect(await sendTo(again(2), [first, second])).toMatchObject({ code: "command-failed", cause: second });
    expect(await sendTo(again(2), [first, first])).toMatchObject({ code: "command-failed", cause: first });
  });

  it("stays the handler's where a step throws the first failure after a later attempt", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    const keepsFirst: Middleware = async (_, __, next) => {
      const failed = await next().catch((error: unknown) => error);
      await next().catch(() => undefined);
      throw failed;
    };
    expect(await sendTo(keepsFirst, [first, second])).toMatchObject({ code: "command-failed", cause: first });
  });

  it("is a step's error when the step throws another in its place", async () => {
    const replaces: Middleware = async (_, __, next) => next().catch(() => Promise.reject(new Refused("instead")));
    const error = await sendTo(replaces, [new Error("first")]);
    expect(error).toBeInstanceOf(Refused);
    expect(error).not.toBeInstanceOf(CommandFailed);
  });

  it("is no error for a sender whose step has an answer for it", async () => {
    const commands = createCommandBus({ middleware: [(_, __, next) => next().catch(() => ({ accountId: "none" }))] });
    commands.handle(OpenAccount, () => Promise.reject(new Error("no")));
    expect(await commands.send(new OpenAccount({ owner: "ann" }))).toEqual({ accountId: "none" });
  });
});

describe("the steps of an event bus", () => {
  it("run once for each handler, and what they throw is that handler's failure, while the others go on", async () => {
    const log: string[] = [];
    const events = createEventBus({
      middleware: [
        (_, { handler }, next) => {
          log.push(handler.name);
          if (handler.name === "barred") throw new Refused("barred");
          return next();
        },
      ],
    });
    events.subscribe(AmountDeposited, function barred() {
      log.push("barred ran");
    });
    events.subscribe(AmountDeposited, function open() {
      log.push("open ran");
    });
    const error = await rejectionOf(events.publish(new GiftReceived({ accountId: "a", amount: 1, from: "ben" })));
    expect(log).toEqual(["barred", "open", "open ran"]);
    expect(error).toMatchObject({ code: "event-handlers-failed", failures: [{ handler: "barred", error: new Refused("barred") }] });
  });

  it("do not run for a handler that has unsubscribed, nor where there is none", async () => {
    let steps = 0;
    const events = createEventBus({
      middleware: [
        (_, __, next) => {
          steps++;
          return next();
        },
      ],
    });
    await events.publish(new AmountDeposited({ accountId: "a", amount: 1 }));
    const end = events.subscribe(AmountDeposited, () => undefined);
    await events.publish(new AmountDeposited({ accountId: "a", amount: 1 }));
    end();
    await events.publish(new AmountDeposited({ accountId: "a", amount: 1 }));
    expect(steps).toBe(1);
    expect(events.describe().handlers).toEqual([]);
  });
});

describe("the steps of connected buses", () => {
  const marked = (log: string[], mark: string): Middleware => {
    return (_, __, next) => {
      log.push(mark);
      return next();
    };
  };

  it("are those of the bus that has the handler, for commands", async () => {
    const log: string[] = [];
    const here = createCommandBus({ middleware: [marked(log, "here")] });
    const there = createCommandBus({ middleware: [marked(log, "there")] });
    here.connect(there);
    const end = there.handle(OpenAccount, () => ({ accountId: "there" }));
    await here.send(new OpenAccount({ owner: "ann" }));
    expect(log).toEqual(["there"]);
    end();
    here.handle(OpenAccount, () => ({ accountId: "here" }));
    await here.send(new OpenAccount({ owner: "ann" }));
    expect(log).toEqual(["there", "here"]);
  });

  it("are those of the bus of each handler, for events", async () => {
    const log: string[] = [];
    const here = createEventBus({ middleware: [marked(log, "here")] });
    const there = createEventBus({ middleware: [marked(log, "there")] });
    here.connect(there);
    here.subscribe(AmountDeposited, () => undefined);
    there.subscribe(AmountDeposited, () => undefined);
    await here.publish(new AmountDeposited({ accountId: "a", amount: 1 }));
    expect(log).toEqual(["here", "there"]);
  });
});

describe("validation among the steps", () => {
  const wrong = (): Deposit => new Deposit({ accountId: "a", amount: 0 });
  const send = async (middleware: (log: string[]) => readonly Middleware[]): Promise<readonly [readonly string[], unknown]> => {
    const log: string[] = [];
    const commands = createCommandBus({ middleware: middleware(log) });
    commands.handle(Deposit, () => void log.push("handled"));
    return [log, await rejectionOf(commands.send(wrong()))];
  };
  const mark =
    (log: string[], name: string): Middleware =>
    (_, __, next) => {
      log.push(name);
      return next();
    };

  it("D21: stands before them where they do not name it: none of them sees a message that does not fit", async () => {
    const [log, error] = await send((into) => [mark(into, "before")]);
    expect(log).toEqual([]);
    expect(error).toBeInstanceOf(InvalidMessage);
  });

  it("D21: stands where they name it, and nowhere else", async () => {
    const [log, error] = await send((into) => [mark(into, "before"), validation(), mark(into, "behind")]);
    expect(log).toEqual(["before"]);
    expect(error).toBeInstanceOf(InvalidMessage);
  });

  it("D21: of an event bus is done only where it is named", async () => {
    class Rated extends Event("Rated", { schema: v.object({ stars: v.pipe(v.number(), v.maxValue(5)) }) }) {}
    const log: string[] = [];
    const plain = createEventBus();
    plain.subscribe(Rated, () => void log.push("handled"));
    await plain.publish(new Rated({ stars: 6 }));
    expect(log).toEqual(["handled"]);
    const events = createEventBus({ middleware: [mark(log, "before"), validation(), mark(log, "behind")] });
    events.subscribe(Rated, () => void log.push("handled"));
    expect(stepErrorOf(await rejectionOf(events.publish(new Rated({ stars: 6 }))))).toBeInstanceOf(InvalidMessage);
    expect(log).toEqual(["handled", "before"]);
  });
});
