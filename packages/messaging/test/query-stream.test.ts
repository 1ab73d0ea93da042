import { AsyncLocalStorage } from "node:async_hooks";
import { sleep } from "@reactive-domain/core";
import { createTestRuntime } from "@reactive-domain/testing";
import {
  Command,
  createCommandBus,
  createQueryBus,
  MessageBuilder,
  metadataOf,
  Query,
  type CommandBase,
  type MessageContext,
  type Middleware,
  type QueryBus,
} from "@reactive-domain/messaging";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { refusalOf, rejectionOf } from "./refusal.ts";

interface Line {
  readonly line: number;
}
class Statement extends Query("Statement")<{ accountId: string }, AsyncIterable<Line>> {}
class Checked extends Query("Checked", { schema: v.object({ accountId: v.pipe(v.string(), v.minLength(1)) }) })<AsyncIterable<Line>> {}
class Note extends Command("Note")<{ line: number }> {}

const statement = (): Statement => new Statement({ accountId: "a-1" });

/** A bus that answers with so many lines, and tells what its handler does. */
function linesOf(count: number, told: string[] = []): QueryBus {
  const queries = createQueryBus();
  queries.handle(Statement, async function* () {
    told.push("begins");
    try {
      for (let line = 0; line < count; line++) {
        told.push(`gives ${line}`);
        yield { line };
      }
      told.push("ends");
    } finally {
      told.push("finally");
    }
  });
  return queries;
}

async function linesFrom(answer: AsyncIterable<Line>): Promise<readonly number[]> {
  const lines: number[] = [];
  for await (const { line } of answer) lines.push(line);
  return lines;
}

const iteratorOf = <T>(answer: AsyncIterable<T>): AsyncIterator<T> => answer[Symbol.asyncIterator]();

/** Lets everything run that waits for nothing. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

async function warningsDuring(work: () => Promise<void>): Promise<readonly string[]> {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", onWarning);
  await work();
  await settled();
  process.off("warning", onWarning);
  return warnings;
}

describe("a query that is answered bit by bit", () => {
  it("D4: gives what its handler yields, in order", async () => {
    expect(await linesFrom(linesOf(3).stream(statement()))).toEqual([0, 1, 2]);
    expect(await linesFrom(linesOf(0).stream(statement()))).toEqual([]);
  });

  it("takes any handler that answers with an async iterable, now or later", async () => {
    const queries = createQueryBus();
    queries.handle(Statement, async ({ accountId }) => {
      await Promise.resolve();
      return ReadableStream.from([{ line: accountId.length }]);
    });
    expect(await linesFrom(queries.stream(statement()))).toEqual([3]);
  });

  it("costs nothing and begins with nothing until somebody reads", async () => {
    const told: string[] = [];
    const answer = linesOf(3, told).stream(statement());
    const iterator = iteratorOf(answer);
    await settled();
    expect(told).toEqual([]);
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(told).toEqual([]);
  });

  it("goes on only as far as it is asked to", async () => {
    const told: string[] = [];
    const iterator = iteratorOf(linesOf(3, told).stream(statement()));
    await iterator.next();
    await settled();
    expect(told).toEqual(["begins", "gives 0"]);
    await iterator.next();
    await settled();
    expect(told).toEqual(["begins", "gives 0", "gives 1"]);
  });

  it("ends with its reader, and the finally of its handler runs before the reader goes on", async () => {
    const told: string[] = [];
    for await (const { line } of linesOf(3, told).stream(statement())) if (line === 1) break;
    told.push("reader");
    expect(told).toEqual(["begins", "gives 0", "gives 1", "finally", "reader"]);
  });

  it("is asked anew by each who iterates", async () => {
    const told: string[] = [];
    const answer = linesOf(1, told).stream(statement());
    expect([await linesFrom(answer), await linesFrom(answer)]).toEqual([[0], [0]]);
    expect(told.filter((text) => text === "begins")).toHaveLength(2);
  });

  it("gives each once, in order, to a reader who asks for several at a time", async () => {
    const iterator = iteratorOf(linesOf(3).stream(statement()));
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map(({ done, value }) => (done === true ? "done" : value.line))).toEqual([0, 1, 2, "done", "done"]);
  });

  it("comes with its metadata and the asker's signal", async () => {
    const told: MessageContext[] = [];
    const queries = createQueryBus();
    queries.handle(Statement, async function* (_, context) {
      told.push(context);
      yield { line: 1 };
    });
    const query = MessageBuilder.create(statement(), { actor: "ann" });
    const { signal } = new AbortController();
    await linesFrom(queries.stream(query, { signal }));
    expect(told).toHaveLength(1);
    expect(told[0]?.metadata).toBe(metadataOf(query));
    expect(told[0]?.signal).toBe(signal);
  });
});

describe("what goes wrong with an answer that comes bit by bit", () => {
  it("D3: reaches the reader as the handler threw it, behind what came before, and that is the end", async () => {
    const cause = new Error("the log is gone");
    const queries = createQueryBus();
    queries.handle(Statement, async function* () {
      yield { line: 0 };
      throw cause;
    });
    const iterator = iteratorOf(queries.stream(statement()));
    expect(await iterator.next()).toEqual({ done: false, value: { line: 0 } });
    expect(await rejectionOf(iterator.next())).toBe(cause);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("D3: reaches the reader where the handler's finally throws when it leaves", async () => {
    const cause = new Error("cannot close");
    const queries = createQueryBus();
    queries.handle(Statement, async function* () {
      try {
        yield { line: 0 };
      } finally {
        await Promise.reject(cause);
      }
    });
    const leave = async (): Promise<void> => {
      for await (const _ of queries.stream(statement())) break;
    };
    expect(await rejectionOf(leave())).toBe(cause);
  });

  it("D7, D21: is told by the first next where there is no handler, or the query does not fit its schema", async () => {
    const queries = linesOf(1);
    const missing = iteratorOf(queries.stream(new Checked({ accountId: "" })));
    expect(await rejectionOf(missing.next())).toMatchObject({ code: "not-handled", details: { type: "Checked" } });
    expect(await missing.next()).toEqual({ done: true, value: undefined });
    let begun = 0;
    queries.handle(Checked, async function* () {
      begun++;
      yield { line: 0 };
    });
    const invalid = iteratorOf(queries.stream(new Checked({ accountId: "" })));
    expect(await rejectionOf(invalid.next())).toMatchObject({ code: "invalid-message", issues: [{ path: "accountId" }] });
    expect(begun).toBe(0);
    const stray: unknown = { accountId: "a-1" };
    expect(refusalOf(() => queries.stream(stray as Statement))).toMatchObject({ code: "invalid-argument" });
  });

  it("is told where the answer is no async iterable", async () => {
    const queries = createQueryBus();
    const list: unknown = [{ line: 0 }];
    queries.handle(Statement, () => list as AsyncIterable<Line>);
    expect(await rejectionOf(iteratorOf(queries.stream(statement())).next())).toMatchObject({
      code: "invalid-argument",
      details: { argument: "The answer to Statement", actual: "an array of 1" },
    });
  });
});

describe("the signal of who reads an answer bit by bit", () => {
  it("D15: that is aborted before the first next has the handler never run", async () => {
    const told: string[] = [];
    const iterator = iteratorOf(linesOf(1, told).stream(statement(), { signal: AbortSignal.abort("enough") }));
    expect(await rejectionOf(iterator.next())).toMatchObject({ code: "message-canceled", cause: "enough", details: { type: "Statement" } });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(told).toEqual([]);
  });

  it("ends at once what hangs, whose finally runs when it can", async () => {
    await createTestRuntime().run(async () => {
      const told: string[] = [];
      const queries = createQueryBus();
      queries.handle(Statement, async function* () {
        try {
          yield { line: 0 };
          await sleep(1_000);
          told.push("woke");
          yield { line: 1 };
          told.push("went on");
        } finally {
          told.push("finally");
        }
      });
      const asker = new AbortController();
      const iterator = iteratorOf(queries.stream(statement(), asker));
      await iterator.next();
      const pending = rejectionOf(iterator.next());
      await sleep(10);
      asker.abort(new Error("enough"));
      expect(await pending).toMatchObject({ code: "message-canceled", cause: { message: "enough" } });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(told).toEqual([]);
      await sleep(2_000);
      expect(told).toEqual(["woke", "finally"]);
    });
  });

  it("has the finally run at once while the reader is elsewhere, and the next next tells", async () => {
    const told: string[] = [];
    const asker = new AbortController();
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { line } of linesOf(3, told).stream(statement(), asker)) {
        seen.push(line);
        asker.abort();
        await settled();
        told.push("reader");
      }
    };
    expect(await rejectionOf(read())).toMatchObject({ code: "message-canceled" });
    expect(seen).toEqual([0]);
    expect(told).toEqual(["begins", "gives 0", "finally", "reader"]);
  });

  it("D15: has a handler never begin whose step still waits, and ends an answer that comes too late", async () => {
    const told: string[] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const queries = createQueryBus();
    queries.handle(Statement, async () => {
      await gate;
      return (async function* () {
        told.push("begins");
        yield { line: 0 };
      })();
    });
    const asker = new AbortController();
    const pending = rejectionOf(iteratorOf(queries.stream(statement(), asker)).next());
    await settled();
    asker.abort();
    expect(await pending).toMatchObject({ code: "message-canceled" });
    release();
    await settled();
    expect(told).toEqual([]);
  });

  it("is let go of at every end", async () => {
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const watched: AbortSignal = Object.assign(Object.create(signal) as AbortSignal, {
      addEventListener: (_: string, listener: unknown) => listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
    });
    Object.defineProperty(watched, "aborted", { value: false });
    await linesFrom(linesOf(3).stream(statement(), { signal: watched }));
    expect(listeners.size).toBe(0);
    for await (const _ of linesOf(3).stream(statement(), { signal: watched })) {
      expect(listeners.size).toBe(1);
      break;
    }
    expect(listeners.size).toBe(0);
    await rejectionOf(iteratorOf(createQueryBus().stream(statement(), { signal: watched })).next());
    expect(listeners.size).toBe(0);
  });

  it.each([
    ["the abort's reason", (signal: AbortSignal): Error => signal.reason as Error, []],
    ["an AbortError", (): Error => Object.assign(new Error("aborted"), { name: "AbortError" }), []],
    ["anything else", (): Error => new Error("cannot close"), ["cannot close"]],
  ])("makes of %s that is thrown after it a warning, or nothing", async (_, thrown, expected) => {
    const warnings = await warningsDuring(async () => {
      const queries = createQueryBus();
      const asker = new AbortController();
      queries.handle(Statement, async function* () {
        await new Promise<void>((resolve) => asker.signal.addEventListener("abort", () => resolve()));
        await Promise.reject(thrown(asker.signal));
        yield { line: 0 };
      });
      const pending = rejectionOf(iteratorOf(queries.stream(statement(), asker)).next());
      await settled();
      asker.abort(new Error("enough"));
      expect(await pending).toMatchObject({ code: "message-canceled" });
      await settled();
    });
    expect(warnings).toEqual(expected);
  });

  it("frees a reader who leaves a handler whose finally hangs", async () => {
    const queries = createQueryBus();
    queries.handle(Statement, async function* () {
      try {
        yield { line: 0 };
      } finally {
        await new Promise(() => undefined);
      }
    });
    const asker = new AbortController();
    const iterator = iteratorOf(queries.stream(statement(), asker));
    await iterator.next();
    const leaving = rejectionOf(iterator.return?.() ?? Promise.resolve());
    await settled();
    asker.abort();
    expect(await leaving).toMatchObject({ code: "message-canceled" });
  });
});

describe("what the handler of a stream sends", () => {
  /** Reads lines, each of whose handlers sends a command behind its yield, and gives what was sent. */
  async function sentBy(read: (queries: QueryBus, query: Statement, note: (line: number) => Promise<void>) => Promise<void>): Promise<{
    readonly query: Statement;
    readonly sent: readonly CommandBase[];
  }> {
    const [commands, queries] = [createCommandBus(), createQueryBus()];
    const sent: CommandBase[] = [];
    commands.handle(Note, (command) => void sent.push(command));
    const note = (line: number): Promise<void> => commands.send(new Note({ line }));
    queries.handle(Statement, async function* () {
      try {
        for (let line = 0; line < 3; line++) {
          await note(line);
          yield { line };
          await note(line + 10);
        }
      } finally {
        await note(100);
      }
    });
    const query = statement();
    await read(queries, query, note);
    return { query, sent };
  }

  it("B3: belongs to the chain of the query, before and behind each yield, and in its finally", async () => {
    const { query, sent } = await sentBy(async (queries, asked) => {
      await linesFrom(queries.stream(asked));
    });
    expect(sent.map((command) => (command as Note).line)).toEqual([0, 10, 1, 11, 2, 12, 100]);
    expect(new Set(sent.map((command) => metadataOf(command).causationId))).toEqual(new Set([metadataOf(query).id]));
  });

  it("B3: belongs to it also when the reader leaves, and what the reader sends does not", async () => {
    const { query, sent } = await sentBy(async (queries, asked, note) => {
      for await (const _ of queries.stream(asked)) {
        await note(50);
        break;
      }
      await note(51);
    });
    const causes = sent.map((command) => [(command as Note).line, metadataOf(command).causationId === metadataOf(query).id]);
    expect(causes).toEqual([
      [0, true],
      [50, false],
      [100, true],
      [51, false],
    ]);
  });

  it("B3: belongs to it also where another handler reads, which the query itself belongs to", async () => {
    const commands = createCommandBus();
    const { query, sent } = await sentBy(async (queries, asked, note) => {
      commands.handle(Note, async () => {
        for await (const { line } of queries.stream(asked)) await note(line + 50);
      });
      await commands.send(MessageBuilder.create(new Note({ line: -1 }), { id: "outer" }));
    });
    expect(metadataOf(query)).toMatchObject({ causationId: "outer", correlationId: "outer" });
    for (const command of sent) {
      const { line } = command as Note;
      const isOfReader = line >= 50 && line < 100;
      expect(metadataOf(command)).toMatchObject({ correlationId: "outer", causationId: isOfReader ? "outer" : metadataOf(query).id });
    }
    expect(sent).toHaveLength(10);
  });
});

describe("the steps around a stream", () => {
  it("run once, and the handler within what they set", async () => {
    const place = new AsyncLocalStorage<string>();
    const told: unknown[] = [];
    const around: Middleware = async (_, __, next) => {
      told.push("before");
      const answer = await place.run("within", () => next());
      told.push("after");
      return answer;
    };
    const queries = createQueryBus({ middleware: [around] });
    queries.handle(Statement, async function* () {
      for (let line = 0; line < 2; line++) {
        told.push(place.getStore());
        yield { line };
        await Promise.resolve();
        told.push(place.getStore());
      }
    });
    await linesFrom(queries.stream(statement()));
    expect(told).toEqual(["before", "after", "within", "within", "within", "within"]);
  });

  it("may refuse, and may give another answer in place of the handler's", async () => {
    const refusing = createQueryBus({ middleware: [() => Promise.reject(new Error("not yours"))] });
    refusing.handle(Statement, async function* () {
      yield { line: 0 };
    });
    expect(await rejectionOf(linesFrom(refusing.stream(statement())))).toMatchObject({ message: "not yours" });
    const other = createQueryBus({
      middleware: [
        async function* () {
          yield { line: 7 };
        },
      ],
    });
    other.handle(Statement, async function* () {
      yield { line: 0 };
    });
    expect(await linesFrom(other.stream(statement()))).toEqual([7]);
  });
});
