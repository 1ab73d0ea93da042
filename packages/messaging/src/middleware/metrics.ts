import { createNoopMeter, metrics as registry, type Counter, type Histogram, type Meter, type MeterProvider } from "@opentelemetry/api";
import { currentRuntime, type Clock } from "@reactive-domain/core";
import { classOf, type MessageBase } from "../message.ts";
import { checkOptions } from "./check-option.ts";
import type { Middleware, MiddlewareContext, Next } from "./middleware.ts";
import { named } from "./named.ts";
import { kindOf, outcomeOf } from "./outcome.ts";
import { refuseUncalled } from "./step-factory.ts";
import { attributesOf, CANCELED, INSTRUMENTATION } from "./telemetry.ts";

export interface MetricsOptions {
  /** Default: that of the meter provider that is registered with OpenTelemetry, once there is one. */
  readonly meter?: Meter;
}

interface Instruments {
  readonly consumed: Counter;
  readonly duration: Histogram;
}

/**
 * Counts messages and measures how long their handlers take, by OpenTelemetry's conventions for messaging: the counter `messaging.client.consumed.messages` and the
 * histogram `messaging.process.duration`, in seconds. Their attributes are types, names of handlers and kinds of errors, never ids. Until an SDK is registered it
 * does nothing.
 *
 * Errors: `invalid-argument`.
 */
export function metrics(options: MetricsOptions = {}): Middleware {
  checkOptions("metrics", options);
  const { meter } = options;
  const { clock } = currentRuntime();
  const instruments = meter === undefined ? registeredInstruments() : always(instrumentsOf(meter));
  return named("metrics", (message, context, next) => {
    const found = instruments();
    return found === undefined ? next() : measured({ ...found, clock }, message, context, next);
  });
}

refuseUncalled(metrics);

async function measured(
  { consumed, duration, clock }: Instruments & { readonly clock: Clock },
  message: MessageBase,
  context: MiddlewareContext,
  next: Next,
): Promise<unknown> {
  const attributes = attributesOf(classOf(message).type, context.handler);
  const startMs = clock.monotonicMs();
  const seconds = (): number => (clock.monotonicMs() - startMs) / 1_000;
  consumed.add(1, attributes);
  try {
    const answer = await next();
    duration.record(seconds(), attributes);
    return answer;
  } catch (error) {
    const what = outcomeOf(error, context) === "canceled" ? CANCELED : { "error.type": kindOf(error) };
    duration.record(seconds(), { ...attributes, ...what });
    throw error;
  }
}

/** The instruments of the registered provider, looked for again when there is another. */
function registeredInstruments(): () => Instruments | undefined {
  let provider: MeterProvider | undefined;
  let instruments: Instruments | undefined;
  return () => {
    const registered = registry.getMeterProvider();
    if (registered !== provider) {
      provider = registered;
      const meter = provider.getMeter(INSTRUMENTATION);
      instruments = meter === createNoopMeter() ? undefined : instrumentsOf(meter);
    }
    return instruments;
  };
}

function always(instruments: Instruments): () => Instruments {
  return () => instruments;
}

function instrumentsOf(meter: Meter): Instruments {
  return {
    consumed: meter.createCounter("messaging.client.consumed.messages", {
      unit: "{message}",
      description: "Messages that were handed to a handler.",
    }),
    duration: meter.createHistogram("messaging.process.duration", {
      unit: "s",
      description: "How long handlers took.",
      advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
    }),
  };
}
