import { context, metrics as measures, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import {
  Command,
  createCommandBus,
  createEventBus,
  Event,
  logging,
  MessageBuilder,
  metadataOf,
  metrics,
  tracing,
  type LogEntry,
} from "@reactive-domain/foundation";
import { expect, it } from "vitest";

class AmountPaid extends Event("AmountPaid")<{ amount: number }> {}

// #region sensitive
class PayByCard extends Command("PayByCard", { sensitive: ["card.number", "payers.iban"] })<{
  amount: number;
  card: { number: string; holder: string };
  payers: readonly { name: string; iban: string }[];
}> {}
// #endregion

const payment = new PayByCard({
  amount: 12,
  card: { number: "4111111111111111", holder: "Ann" },
  payers: [{ name: "Ann", iban: "DE02120300000000202051" }],
});

it("a log keeps secrets", async () => {
  const lines: [string, LogEntry][] = [];
  const logger = {
    debug: (entry: LogEntry) => lines.push(["debug", entry]),
    info: (entry: LogEntry) => lines.push(["info", entry]),
    warn: (entry: LogEntry) => lines.push(["warn", entry]),
    error: (entry: LogEntry) => lines.push(["error", entry]),
  };
  // #region logging
  const commands = createCommandBus({
    middleware: [logging({ log: (entry) => logger[entry.level](entry), slowAfterMs: 500 })],
  });
  commands.handle(PayByCard, function payByCard({ card }) {
    throw new Error(`The bank refuses card ${card.number}.`);
  });
  // #endregion
  await commands.trySend(payment);
  const [line] = lines;
  // #region entry
  expect(line).toMatchObject([
    "error",
    {
      kind: "command",
      type: "PayByCard",
      handler: "payByCard",
      outcome: "failed",
      error: { code: "Error", message: "The bank refuses card ***." },
      payload: { amount: 12, card: { number: "***", holder: "Ann" }, payers: [{ name: "Ann", iban: "***" }] },
    },
  ]);
  // #endregion
});

it("a trace goes from handler to handler", async () => {
  const exporter = new InMemorySpanExporter();
  const meterProvider = new MeterProvider();
  // #region sdk
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(tracerProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  measures.setGlobalMeterProvider(meterProvider);
  // #endregion
  // #region tracing
  const steps = [tracing(), metrics()];
  const commands = createCommandBus({ middleware: steps });
  const events = createEventBus({ middleware: steps });
  commands.handle(PayByCard, ({ amount }) => events.publish(new AmountPaid({ amount })));
  events.subscribe(AmountPaid, function mailReceipt() {});
  // #endregion
  await commands.send(MessageBuilder.create(payment));
  const [receipt, pay] = exporter.getFinishedSpans();
  expect([receipt?.name, pay?.name]).toEqual(["process AmountPaid", "process PayByCard"]);
  expect(receipt?.parentSpanContext?.spanId).toBe(pay?.spanContext().spanId);

  const sent: { readonly traceparent?: string }[] = [];
  commands.handle(AmountRefunded, (command) => {
    // #region wire
    const event = MessageBuilder.from(command).create(new AmountPaid({ amount: -1 }));
    const { traceparent } = metadataOf(event); // that of the handler's span, wherever the event goes
    // #endregion
    sent.push(traceparent === undefined ? {} : { traceparent });
  });
  await commands.send(new AmountRefunded({ amount: 1 }));
  const refund = exporter.getFinishedSpans().at(-1)?.spanContext();
  expect(sent).toEqual([{ traceparent: `00-${refund?.traceId}-${refund?.spanId}-01` }]);
});

class AmountRefunded extends Command("AmountRefunded")<{ amount: number }> {}
