import { sleep } from "@reactive-domain/core";
import {
  createCommandBus,
  createEventBus,
  createQueryBus,
  deduplication,
  MessageBuilder,
  Query,
  retryOnConflict,
  type Middleware,
} from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, CloseAccount, OpenAccount } from "../banking.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { Fate, inTestTime } from "./buses.ts";

const opening = (id: string): OpenAccount => MessageBuilder.create(new OpenAccount({ owner: "ann" }), { id });

/** A bus whose handler takes 100 ms and counts its answers. */
function createBank(options: Parameters<typeof deduplication>[0] = {}) {
  const handled: AbortSignal[] = [];
  const failures: Error[] = [];
  const commands = createCommandBus({ middleware: [deduplication(options)], responseTimeoutMs: Number.POSITIVE_INFINITY });
  commands.handle(OpenAccount, async (_, { signal }) => {
    const count = handled.push(signal);
    await sleep(100, { signal });
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return { accountId: `account ${count}` };
  });
  return { commands, handled, failures };
}

describe("deduplication", () => {
  it("has a message that comes again while it is in progress wait for the same answer", () =>
    inTestTime(async (test) => {
      const { commands, handled } = createBank();
      const answers = Promise.all([commands.send(opening("1")), commands.send(opening("1")), commands.send(opening("2"))]);
      await test.clock.advanceBy(100);
      const [first, again, other] = await answers;
      expect(again).toBe(first);
      expect(other).not.toBe(first);
      expect(handled).toHaveLength(2);
    }));

  it("answers a message that comes again later with the same answer, without its handler", () =>
    inTestTime(async (test) => {
      const { commands, handled } = createBank();
      const first = await test.run(() => commands.send(opening("1")));
      expect(await test.run(() => commands.send(opening("1")))).toBe(first);
      expect(handled).toHaveLength(1);
    }));

  it("forgets what failed, which may then be tried again", () =>
    inTestTime(async (test) => {
      const { commands, handled, failures } = createBank();
      failures.push(new Error("first"));
      expect(await test.run(() => rejectionOf(commands.send(opening("1"))))).toMatchObject({ code: "command-failed" });
      expect(await test.run(() => commands.send(opening("1")))).toEqual({ accountId: "account 2" });
      expect(handled).toHaveLength(2);
    }));

  it("lets who hears of a failure try again at once", () =>
    inTestTime(async (test) => {
      let handled = 0;
      const again: Middleware = async (_message, _context, next) => {
        try {
          return await next();
        } catch {
          return next();
        }
      };
      const commands = createCommandBus({ middleware: [again, deduplication()] });
      commands.handle(CloseAccount, async () => {
        if (++handled === 1) throw new Error("first");
      });
      await test.run(() => commands.send(new CloseAccount({ accountId: "a" })));
      expect(handled).toBe(2);
    }));

  it("tells whoever has joined the failure as the first caller is told it", () =>
    inTestTime(async (test) => {
      const { commands, failures } = createBank();
      const failure = new Error("first");
      failures.push(failure);
      const errors = Promise.all([rejectionOf(commands.send(opening("1"))), rejectionOf(commands.send(opening("1")))]);
      await test.clock.advanceBy(100);
      for (const error of await errors) expect(error).toMatchObject({ code: "command-failed", cause: failure });
    }));

  it("tells whoever has joined the error of a step as it is", () =>
    inTestTime(async (test) => {
      const refusal = new Error("refused");
      const refuse = async (): Promise<never> => {
        await sleep(10);
        throw refusal;
      };
      const commands = createCommandBus({ middleware: [deduplication(), refuse] });
      commands.handle(OpenAccount, () => ({ accountId: "a" }));
      const errors = Promise.all([rejectionOf(commands.send(opening("1"))), rejectionOf(commands.send(opening("1")))]);
      await test.clock.advanceBy(10);
      expect(await errors).toEqual([refusal, refusal]);
    }));

  it("lets whoever has joined give up without an end to the first caller's work", () =>
    inTestTime(async (test) => {
      const { commands, handled } = createBank();
      const joined = new AbortController();
      const first = new Fate(commands.send(opening("1")));
      await test.settle();
      const second = new Fate(commands.send(opening("1"), { signal: joined.signal }));
      await test.clock.advanceBy(50);
      joined.abort();
      await test.settle();
      expect([first.is, second.is, handled[0]?.aborted]).toEqual(["pending", "message-canceled", false]);
      await test.clock.advanceBy(50);
      expect(first.is).toBe("resolved");
    }));

  it("ends for all with the first caller's signal, and forgets the message", () =>
    inTestTime(async (test) => {
      const { commands, handled } = createBank();
      const sender = new AbortController();
      const first = new Fate(commands.send(opening("1"), { signal: sender.signal }));
      await test.settle();
      const second = new Fate(commands.send(opening("1")));
      await test.clock.advanceBy(50);
      sender.abort(new Error("enough"));
      await test.settle();
      expect([first.is, second.is]).toEqual(["message-canceled", "command-failed"]);
      await test.run(() => commands.send(opening("1")));
      expect(handled).toHaveLength(2);
    }));

  it("keeps an answer for so long after it was last asked for", () =>
    inTestTime(async (test) => {
      const { commands, handled } = createBank({ forMs: 1_000 });
      await test.run(() => commands.send(opening("1")));
      for (const [waitMs, count] of [
        [999, 1],
        [999, 1],
        [1_000, 2],
      ] as const) {
        await test.clock.advanceBy(waitMs);
        await test.run(() => commands.send(opening("1")));
        expect(handled).toHaveLength(count);
      }
    }));

  it("keeps so many answers, those that were asked for last, and all that is in progress beside them", () =>
    inTestTime(async (test) => {
      const { commands, handled } = createBank({ entries: 2 });
      const send = (id: string): Promise<unknown> => test.run(() => commands.send(opening(id)));
      await send("1");
      await send("2");
      await send("1");
      await send("3");
      expect(handled).toHaveLength(3);
      await send("1");
      expect(handled).toHaveLength(3);
      await send("2");
      expect(handled).toHaveLength(4);
      const many = [4, 5, 6, 4, 5, 6].map((id) => commands.send(opening(`${id}`)));
      await test.clock.advanceBy(100);
      await Promise.all(many);
      expect(handled).toHaveLength(7);
    }));

  it("is for each handler by itself", () =>
    inTestTime(async (test) => {
      const log: string[] = [];
      const events = createEventBus({ middleware: [deduplication()] });
      events.subscribe(AmountDeposited, () => log.push("one"));
      events.subscribe(AmountDeposited, () => log.push("other"));
      const event = new AmountDeposited({ accountId: "a", amount: 1 });
      await test.run(() => events.publish(event));
      await test.run(() => events.publish(event));
      expect(log).toEqual(["one", "other"]);
      expect(events.describe().middleware).toEqual(["deduplication"]);
    }));

  it("begins anew with a handler that takes the place of another", () =>
    inTestTime(async (test) => {
      let handled = 0;
      const commands = createCommandBus({ middleware: [deduplication()] });
      const command = new CloseAccount({ accountId: "a" });
      const end = commands.handle(CloseAccount, () => handled++);
      await test.run(() => commands.send(command));
      end();
      commands.handle(CloseAccount, () => handled++);
      await test.run(() => commands.send(command));
      expect(handled).toBe(2);
    }));

  it("outside of a retry sees one message for all its attempts", () =>
    inTestTime(async (test) => {
      let attempts = 0;
      const commands = createCommandBus({ middleware: [deduplication(), retryOnConflict({ retryIf: () => true })] });
      commands.handle(CloseAccount, () => {
        if (++attempts < 3) throw new Error("no");
      });
      const command = new CloseAccount({ accountId: "a" });
      await test.run(() => Promise.all([commands.send(command), commands.send(command)]));
      expect(attempts).toBe(3);
    }));

  it("leaves alone what is answered bit by bit: each who asks gets all of it", () =>
    inTestTime(async (test) => {
      class Countdown extends Query("Countdown")<{ from: number }, AsyncIterable<number>> {}
      const queries = createQueryBus({ middleware: [deduplication()] });
      queries.handle(Countdown, async function* ({ from }) {
        for (let left = from; left > 0; left--) {
          yield left;
          await sleep(1);
        }
      });
      const query = new Countdown({ from: 3 });
      const all = async (): Promise<readonly number[]> => {
        const numbers: number[] = [];
        for await (const number of queries.stream(query)) numbers.push(number);
        return numbers;
      };
      expect(await test.run(() => Promise.all([all(), all()]))).toEqual([
        [3, 2, 1],
        [3, 2, 1],
      ]);
      expect(await test.run(all)).toEqual([3, 2, 1]);
    }));

  it("refuses options that make no sense", () => {
    for (const entries of [0, -1, 1.5, Number.POSITIVE_INFINITY])
      expect(refusalOf(() => deduplication({ entries }))).toMatchObject({ details: { argument: "entries of deduplication" } });
    for (const forMs of [0, Number.NaN, Number.POSITIVE_INFINITY])
      expect(refusalOf(() => deduplication({ forMs }))).toMatchObject({ details: { argument: "forMs of deduplication" } });
  });
});
