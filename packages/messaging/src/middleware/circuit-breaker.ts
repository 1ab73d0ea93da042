import { currentRuntime } from "@reactive-domain/core";
import { classOf } from "../message.ts";
import { checkCount, checkFunction, checkOptions, checkPositive } from "./check-option.ts";
import { Circuit, type CircuitChange } from "./circuit.ts";
import { isOutage } from "./outage.ts";
import { CircuitOpen } from "./errors.ts";
import type { HandlerFacts, Middleware } from "./middleware.ts";
import { named } from "./named.ts";
import { saysSo } from "./says-so.ts";
import { refuseUncalled } from "./step-factory.ts";

export interface CircuitBreakerOptions {
  /** After how many failures in a row a handler is left alone. An integer from 1. Default 5. */
  readonly failures?: number;
  /** For how long, in milliseconds, above 0. Default 30 000. */
  readonly resetAfterMs?: number;
  /**
   * Whether what was thrown is a failure; what is none changes nothing. It answers at once. What it throws becomes a process warning, and the error is no failure.
   * Default: outages are, see {@link circuitBreaker}.
   */
  readonly countIf?: (error: unknown) => boolean;
  /** Hears of each change, before the message goes on. What it throws becomes a process warning. */
  readonly onChange?: (change: CircuitChange) => unknown;
}

/**
 * Leaves a handler alone that has failed so often in a row: its messages are refused at once, so that nobody waits for what is down anyway. After `resetAfterMs`
 * the circuit is half-open: one message is let through as a trial. When it succeeds all are let through again, when it fails none for as long once more; a
 * trial that has not ended by then makes way for another. Each handler has a circuit of its own ("Release It!", M. Nygard, chapter 5).
 *
 * By default a failure is what says that something is down: anything thrown that is no error of the toolkit or derived from its base, `timed-out`,
 * `store-unavailable`, and other errors that are `retryable`. Conflicts, refusals by a limit (`rate-limited`, `concurrency-limited`, `queue-full`), cancellations,
 * and errors that are not `retryable` (`invalid-message`, an application's own refusals) are none. Of `command-failed` and `event-handlers-failed` the cause is
 * judged.
 *
 * Errors: `invalid-argument`; when called, `circuit-open`.
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Middleware {
  checkOptions("circuitBreaker", options);
  const { failures = 5, resetAfterMs = 30_000, countIf = isOutage, onChange } = options;
  checkCount("failures of circuitBreaker", failures);
  checkPositive("resetAfterMs of circuitBreaker", resetAfterMs);
  checkFunction("countIf of circuitBreaker", countIf);
  checkFunction("onChange of circuitBreaker", onChange);
  const settings = { clock: currentRuntime().clock, failures, resetAfterMs, onChange };
  const circuits = new WeakMap<HandlerFacts, Circuit>();
  return named("circuitBreaker", async (message, { handler }, next) => {
    let circuit = circuits.get(handler);
    if (circuit === undefined) circuits.set(handler, (circuit = new Circuit(handler, settings)));
    const retryAfterMs = circuit.enter();
    if (retryAfterMs > 0) throw new CircuitOpen(classOf(message).type, handler.name, retryAfterMs);
    const { era } = circuit;
    try {
      const answer = await next();
      circuit.succeeded(era);
      return answer;
    } catch (error) {
      if (saysSo("countIf of circuitBreaker", countIf, error)) circuit.failed(era, error);
      else circuit.unjudged(era);
      throw error;
    }
  });
}

refuseUncalled(circuitBreaker);
