import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { sleep, withRuntime } from "@reactive-domain/core";
import {
  Command,
  createBatchQueue,
  createCommandBus,
  createEventBus,
  createMessageQueue,
  createMessageTimers,
  createQueryBus,
  Event,
  MessageBuilder,
  metadataOf,
  Query,
  tracing,
  type MessageBase,
  type MessageFacts,
} from "@reactive-domain/messaging";
import { createTestRuntime } from "@reactive-domain/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HandSetRuntime } from "../hand-set-runtime.ts";
import { rejectionOf } from "../refusal.ts";
import { idsOf, inSpan, SpanKeeper, traceparentOf } from "./spans.ts";

class Pay extends Command("Pay", { sensitive: ["card"] })<{ card: string }> {}
class Checkout extends Command("Checkout")<{ basket: string }> {}
class Paid extends Event("Paid")<{ amount: number }> {}
class Rate extends Query("Rate")<{ currency: string }, number> {}

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const ELSEWHERE = `00-${TRACE}-${SPAN}-01`;

let spans: SpanKeeper;
beforeEach(() => {
  spans = new SpanKeeper();
});
afterEach(() => spans[Symbol.dispose]());

const checkout = (facts: MessageFacts = {}): Checkout => MessageBuilder.create(new Checkout({ basket: "b" }), facts);

describe("a span", () => {
  it("tells of a message what OpenTelemetry's conventions ask for", async () => {
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Checkout, function buy() {});
    const command = checkout({ id: "c-1", correlationId: "chain-1" });
    await commands.send(command);
    const span = spans.one("process Checkout");
    expect(span.kind).toBe(SpanKind.CONSUMER);
    expect(span.attributes).toEqual({
      "messaging.system": "reactive_domain",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": "Checkout",
      "messaging.destination.subscription.name": "buy",
      "messaging.message.id": "c-1",
      "messaging.message.conversation_id": "chain-1",
    });
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.links).toEqual([]);
  });

  it("is there for each handler of an event, and gives the answer of a query", async () => {
    const events = createEventBus({ middleware: [tracing()] });
    const queries = createQueryBus({ middleware: [tracing()] });
    events.subscribe(Paid, function mail() {});
    events.subscribe(Paid, function book() {});
    queries.handle(Rate, () => 2);
    await events.publish(new Paid({ amount: 1 }));
    expect(await queries.ask(new Rate({ currency: "EUR" }))).toBe(2);
    const names = spans.all.map(({ name, attributes }) => `${name} ${String(attributes["messaging.destination.subscription.name"])}`);
    expect(names.toSorted()).toEqual(["process Paid book", "process Paid mail", "process Rate a handler without a name"]);
  });

  it("is made by the tracer that is given", async () => {
    const exporter = new InMemorySpanExporter();
    const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("own");
    const commands = createCommandBus({ middleware: [tracing({ tracer })] });
    commands.handle(Checkout, () => undefined);
    await commands.send(checkout());
    expect(exporter.getFinishedSpans()).toHaveLength(1);
    expect(spans.all).toEqual([]);
  });
});

describe("the parent of a span", () => {
  async function spanOf(command: Checkout): Promise<ReturnType<SpanKeeper["one"]>> {
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Checkout, () => undefined);
    await commands.send(command);
    return spans.one("process Checkout");
  }

  it("is the active one", async () => {
    const span = await inSpan("POST /orders", () => spanOf(checkout()));
    expect(span.parentSpanContext).toMatchObject(idsOf(spans.one("POST /orders")));
    expect(span.links).toEqual([]);
  });

  it("is that of the message's traceparent where none is active", async () => {
    const span = await spanOf(checkout({ traceparent: ELSEWHERE, tracestate: "vendor=1" }));
    expect(span.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: SPAN, isRemote: true });
    expect(span.spanContext().traceId).toBe(TRACE);
    expect(span.spanContext().traceState?.serialize()).toBe("vendor=1");
    expect(span.links).toEqual([]);
  });

  it("is the active one where the message has another, which is linked", async () => {
    const span = await inSpan("poll", () => spanOf(checkout({ traceparent: ELSEWHERE })));
    expect(span.parentSpanContext).toMatchObject(idsOf(spans.one("poll")));
    expect(span.links.map((link) => link.context)).toMatchObject([{ traceId: TRACE, spanId: SPAN }]);
  });

  it.each([
    "",
    "nonsense",
    `00-${TRACE}-${SPAN}`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ])("is none where the message's traceparent is %j", async (traceparent) => {
    expect((await spanOf(checkout({ traceparent }))).parentSpanContext).toBeUndefined();
  });

  it("may be told in a later version of the format, by what is known of it", async () => {
    const span = await spanOf(checkout({ traceparent: `01-${TRACE}-${SPAN}-01-more` }));
    expect(span.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: SPAN });
  });
});

describe("what a handler sends", () => {
  it("carries the handler's span, however it comes to its place in the chain", async () => {
    const sent: MessageBase[] = [];
    const commands = createCommandBus({ middleware: [tracing()] });
    const events = createEventBus();
    events.subscribe(Paid, (event) => sent.push(event));
    commands.handle(Checkout, async (command) => {
      await events.publish(new Paid({ amount: 1 }));
      await sleep(1);
      await events.publish(MessageBuilder.from(command).create(new Paid({ amount: 2 })));
      await events.publish(MessageBuilder.create(new Paid({ amount: 3 })));
      await events.publish(MessageBuilder.create(new Paid({ amount: 4 }), { id: "own" }));
    });
    await commands.send(checkout({ traceparent: ELSEWHERE, tracestate: "vendor=1" }));
    const carried = traceparentOf(spans.one("process Checkout"));
    expect(sent.map((message) => metadataOf(message).traceparent)).toEqual([carried, carried, carried, carried]);
    expect(sent.map((message) => metadataOf(message).tracestate)).toEqual(["vendor=1", "vendor=1", "vendor=1", "vendor=1"]);
  });

  it("is handled under the handler's span, without a link to it", async () => {
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Checkout, () => commands.send(new Pay({ card: "1" })));
    commands.handle(Pay, () => undefined);
    await commands.send(checkout());
    const pay = spans.one("process Pay");
    expect(pay.parentSpanContext).toMatchObject(idsOf(spans.one("process Checkout")));
    expect(pay.links).toEqual([]);
  });

  it("is handled under a span of the handler's own, and linked where it was made outside of that", async () => {
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Checkout, async (command) => {
      const pay = MessageBuilder.from(command).create(new Pay({ card: "1" }));
      await inSpan("look up", () => commands.send(pay));
    });
    commands.handle(Pay, () => undefined);
    await commands.send(checkout());
    const pay = spans.one("process Pay");
    expect(pay.parentSpanContext).toMatchObject(idsOf(spans.one("look up")));
    expect(pay.links.map((link) => link.context)).toMatchObject([idsOf(spans.one("process Checkout"))]);
  });

  it("carries the trace to another process and on", async () => {
    const wire: { payload: { card: string }; traceparent: string | undefined }[] = [];
    const here = createCommandBus({ middleware: [tracing()] });
    here.handle(Checkout, (command) => {
      const pay = MessageBuilder.from(command).create(new Pay({ card: "1" }));
      wire.push({ payload: { ...pay }, traceparent: metadataOf(pay).traceparent });
    });
    await inSpan("POST /orders", () => here.send(checkout()));
    const there = createCommandBus({ middleware: [tracing()] });
    there.handle(Pay, () => undefined);
    for (const { payload, traceparent = "none" } of wire) await there.send(MessageBuilder.create(new Pay(payload), { traceparent }));
    expect(spans.one("process Pay").parentSpanContext).toMatchObject({ ...idsOf(spans.one("process Checkout")), isRemote: true });
    expect(new Set(spans.all.map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  it("carries the trace of its source where no span is active, as when nobody listens to spans here", () => {
    tracing();
    const source = checkout({ traceparent: ELSEWHERE, tracestate: "vendor=1" });
    expect(metadataOf(MessageBuilder.from(source).create(new Pay({ card: "1" })))).toMatchObject({
      traceparent: ELSEWHERE,
      tracestate: "vendor=1",
    });
  });

  it("has no tracestate of its source beside the traceparent of another span", async () => {
    tracing();
    const source = checkout({ traceparent: ELSEWHERE, tracestate: "vendor=1" });
    const made = await inSpan("other", async () => metadataOf(MessageBuilder.from(source).create(new Pay({ card: "1" }))));
    expect(made.traceparent).toBe(traceparentOf(spans.one("other")));
    expect(made.tracestate).toBeUndefined();
  });
});

describe("behind a queue", () => {
  it("a message is handled under the span that it was posted under, whoever is at work", async () => {
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Checkout, () => sleep(1));
    await using queue = createMessageQueue("purchases", (command: Checkout) => commands.send(command));
    await inSpan("first", () => queue.post(new Checkout({ basket: "first" })));
    await inSpan("second", () => queue.post(new Checkout({ basket: "second" })));
    await queue.post(new Checkout({ basket: "third" }));
    await queue.idle();
    const handled = spans.all.filter(({ name }) => name === "process Checkout");
    expect(handled.map((span) => span.parentSpanContext?.spanId)).toEqual([
      idsOf(spans.one("first")).spanId,
      idsOf(spans.one("second")).spanId,
      undefined,
    ]);
    expect(handled.map((span) => span.links.length)).toEqual([0, 0, 0]);
  });

  it("a batch is handled under no span: it is of many", async () => {
    const active: unknown[] = [];
    await using queue = createBatchQueue("statements", () => active.push(trace.getActiveSpan()), { maxMessages: 2, maxWaitMs: 1 });
    await inSpan("first", () => queue.post(new Paid({ amount: 1 })));
    await queue.idle();
    expect(active).toEqual([undefined]);
  });
});

describe("behind a timer", () => {
  it("a message is handled under the span of the handler that set it, whoever else set one", async () => {
    await createTestRuntime().run(async () => {
      const commands = createCommandBus({ middleware: [tracing()] });
      await using timers = createMessageTimers({ deliver: (command: Pay) => commands.send(command) });
      commands.handle(Checkout, ({ basket }) => timers.set({ id: basket, dueMs: Number(basket), message: new Pay({ card: basket }) }));
      commands.handle(Pay, () => undefined);
      const sources = [new Checkout({ basket: "1704067200100" }), new Checkout({ basket: "1704067200200" })];
      for (const source of sources) await commands.send(source);
      await sleep(500);
      const [first, second, ...pays] = spans.all;
      expect(pays.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId])).toEqual([
        ["process Pay", first?.spanContext().spanId],
        ["process Pay", second?.spanContext().spanId],
      ]);
      expect(pays.map(({ attributes }) => attributes["messaging.message.conversation_id"])).toEqual(
        sources.map((source) => metadataOf(source).correlationId),
      );
    });
  });
});

describe("an error", () => {
  class Broke extends Error {
    override readonly name = "Broke";
  }

  it("is told by its span, and reaches the sender as without it", async () => {
    const broke = new Broke("Nothing is left.");
    const queries = createQueryBus({ middleware: [tracing()] });
    queries.handle(Rate, () => Promise.reject(broke));
    expect(await rejectionOf(queries.ask(new Rate({ currency: "EUR" })))).toBe(broke);
    const { status, attributes, events } = spans.one("process Rate");
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: "Nothing is left." });
    expect(attributes["error.type"]).toBe("Broke");
    expect(events).toMatchObject([
      {
        name: "exception",
        attributes: { "exception.type": "Broke", "exception.message": "Nothing is left.", "exception.stacktrace": broke.stack },
      },
    ]);
  });

  it("is recorded once, where it happened; each span that it went through is one of an error", async () => {
    const commands = createCommandBus({ middleware: [tracing(), tracing()] });
    commands.handle(Checkout, () => commands.send(new Pay({ card: "1" })));
    commands.handle(Pay, () => Promise.reject(new Broke("Nothing is left.")));
    await rejectionOf(commands.send(checkout()));
    expect(spans.all.map(({ name, status, events, attributes }) => [name, status.code, events.length, attributes["error.type"]])).toEqual([
      ["process Pay", SpanStatusCode.ERROR, 1, "Broke"],
      ["process Pay", SpanStatusCode.ERROR, 0, "Broke"],
      ["process Checkout", SpanStatusCode.ERROR, 0, "command-failed"],
      ["process Checkout", SpanStatusCode.ERROR, 0, "command-failed"],
    ]);
  });

  it("that is no error object is told, too", async () => {
    const queries = createQueryBus({ middleware: [tracing()] });
    const thrown: unknown = "out of paper";
    queries.handle(Rate, () => Promise.reject(thrown as Error));
    await rejectionOf(queries.ask(new Rate({ currency: "EUR" })));
    const { attributes, events } = spans.one("process Rate");
    expect(attributes["error.type"]).toBe("string");
    expect(events).toMatchObject([{ attributes: { "exception.message": '"out of paper"' } }]);
  });

  it("is told without what is sensitive", async () => {
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Pay, ({ card }) => Promise.reject(new Error(`Card ${card} was refused.`)));
    await rejectionOf(commands.send(new Pay({ card: "4111-1111" })));
    const { status, events, attributes } = spans.one("process Pay");
    expect(status.message).toBe("Card *** was refused.");
    expect(JSON.stringify([status, events, attributes])).not.toContain("4111");
    expect(events[0]?.attributes?.["exception.stacktrace"]).toContain("tracing.test.ts");
  });

  it("is none where the sender gave up", async () => {
    const commands = createCommandBus({ middleware: [tracing()] });
    const stop = new AbortController();
    commands.handle(Checkout, async (_command, { signal }) => {
      stop.abort(new Error("enough"));
      signal?.throwIfAborted();
    });
    expect(await rejectionOf(commands.send(checkout(), { signal: stop.signal }))).toMatchObject({ code: "message-canceled" });
    await Promise.resolve();
    const { status, events, attributes } = spans.one("process Checkout");
    expect([status.code, events]).toEqual([SpanStatusCode.UNSET, []]);
    expect(attributes["reactive_domain.outcome"]).toBe("canceled");
    expect(attributes).not.toHaveProperty("error.type");
  });
});

describe("without an SDK", () => {
  it("a handler runs, and no metadata is made for it", async () => {
    spans[Symbol.dispose]();
    const runtime = new HandSetRuntime(0);
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Checkout, () => "bought");
    expect(await withRuntime(runtime, () => commands.send(new Checkout({ basket: "b" })))).toBe("bought");
    expect(runtime.idsMade).toBe(0);
    expect(spans.all).toEqual([]);
  });

  it("that comes later, spans are told from then on", async () => {
    spans[Symbol.dispose]();
    const commands = createCommandBus({ middleware: [tracing()] });
    commands.handle(Checkout, () => undefined);
    await commands.send(checkout());
    spans = new SpanKeeper();
    await commands.send(checkout());
    expect(spans.all).toHaveLength(1);
  });
});
