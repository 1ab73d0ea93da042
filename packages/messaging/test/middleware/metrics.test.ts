import { metrics as registry, type Attributes } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type Histogram,
} from "@opentelemetry/sdk-metrics";
import { sleep } from "@reactive-domain/core";
import {
  createCommandBus,
  createEventBus,
  createQueryBus,
  Event,
  metrics,
  Query,
  Command,
  type CommandBus,
} from "@reactive-domain/messaging";
import { createTestRuntime } from "@reactive-domain/testing";
import { afterEach, describe, expect, it } from "vitest";
import { rejectionOf } from "../refusal.ts";

class Checkout extends Command("Checkout")<{ waitMs: number }> {}
class Paid extends Event("Paid")<{ amount: number }> {}
class Rate extends Query("Rate")<{ currency: string }, number> {}

/** A real SDK that keeps what is measured. */
function keepMetrics(): { readonly provider: MeterProvider; readonly read: () => Promise<readonly Measured[]> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000, exportTimeoutMillis: 1_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    provider,
    read: async () => {
      await provider.forceFlush();
      const found =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      await provider.shutdown();
      return found.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, unit: descriptor.unit, attributes, value })),
      );
    },
  };
}

interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Attributes;
  readonly value: number | Histogram | object;
}

function of(type: string, handler: string, more: Attributes = {}): Attributes {
  return {
    "messaging.system": "reactive_domain",
    "messaging.operation.name": "process",
    "messaging.destination.name": type,
    "messaging.destination.subscription.name": handler,
    ...more,
  };
}

function checkingOut(commands: CommandBus): CommandBus {
  commands.handle(Checkout, function buy({ waitMs }) {
    return sleep(waitMs);
  });
  return commands;
}

afterEach(() => registry.disable());

describe("metrics", () => {
  it("count messages, and tell how many seconds their handlers took, by type and handler", async () => {
    const { provider, read } = keepMetrics();
    await createTestRuntime().run(async () => {
      const commands = checkingOut(createCommandBus({ middleware: [metrics({ meter: provider.getMeter("test") })] }));
      await commands.send(new Checkout({ waitMs: 20 }));
      await commands.send(new Checkout({ waitMs: 480 }));
    });
    const [consumed, duration, ...others] = await read();
    expect(others).toEqual([]);
    expect(consumed).toEqual({
      name: "messaging.client.consumed.messages",
      unit: "{message}",
      attributes: of("Checkout", "buy"),
      value: 2,
    });
    expect(duration).toMatchObject({
      name: "messaging.process.duration",
      unit: "s",
      attributes: of("Checkout", "buy"),
      value: {
        count: 2,
        sum: 0.5,
        min: 0.02,
        max: 0.48,
        buckets: { boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
      },
    });
  });

  it("tell errors by their kind, and a sender who gave up as none", async () => {
    const { provider, read } = keepMetrics();
    registry.setGlobalMeterProvider(provider);
    const queries = createQueryBus({ middleware: [metrics()] });
    queries.handle(Rate, function rate({ currency }, { signal }) {
      signal?.throwIfAborted();
      throw currency === "?" ? new TypeError(`what is ${currency}`) : new Error("closed");
    });
    await rejectionOf(queries.ask(new Rate({ currency: "?" })));
    await rejectionOf(queries.ask(new Rate({ currency: "EUR" })));
    const stop = new AbortController();
    const events = createEventBus({ middleware: [metrics()] });
    events.subscribe(Paid, function book() {
      stop.abort();
      stop.signal.throwIfAborted();
    });
    await rejectionOf(events.publish(new Paid({ amount: 1 }), { signal: stop.signal }));
    const measured = await read();
    expect(measured.map(({ name, attributes }) => [name, attributes])).toEqual([
      ["messaging.client.consumed.messages", of("Rate", "rate")],
      ["messaging.client.consumed.messages", of("Paid", "book")],
      ["messaging.process.duration", of("Rate", "rate", { "error.type": "TypeError" })],
      ["messaging.process.duration", of("Rate", "rate", { "error.type": "Error" })],
      ["messaging.process.duration", of("Paid", "book", { "reactive_domain.outcome": "canceled" })],
    ]);
  });

  it("are as many for a thousand messages as for one", async () => {
    const { provider, read } = keepMetrics();
    registry.setGlobalMeterProvider(provider);
    const commands = createCommandBus({ middleware: [metrics()] });
    commands.handle(Checkout, function buy() {});
    for (let waitMs = 0; waitMs < 1_000; waitMs++) await commands.send(new Checkout({ waitMs }));
    const measured = await read();
    expect(measured).toHaveLength(2);
    expect(measured[0]?.value).toBe(1_000);
  });

  it("of an SDK that is registered later, or again, are told from then on", async () => {
    const commands = checkingOut(createCommandBus({ middleware: [metrics()] }));
    await commands.send(new Checkout({ waitMs: 0 }));
    for (let time = 0; time < 2; time++) {
      const { provider, read } = keepMetrics();
      registry.disable();
      registry.setGlobalMeterProvider(provider);
      await commands.send(new Checkout({ waitMs: 0 }));
      expect((await read())[0]?.value).toBe(1);
    }
  });

  it("leave the answer as it is", async () => {
    const { provider } = keepMetrics();
    registry.setGlobalMeterProvider(provider);
    const queries = createQueryBus({ middleware: [metrics()] });
    queries.handle(Rate, () => 2);
    expect(await queries.ask(new Rate({ currency: "EUR" }))).toBe(2);
    await provider.shutdown();
    expect(queries.describe().middleware).toEqual(["metrics"]);
  });
});
