import { currentRuntime, InvalidArgument, textOf, warn, type JsonObject } from "@reactive-domain/core";
import { isThenable } from "../thenable.ts";
import type { MessageKind } from "../message-definition.ts";
import { definitionOf, metadataOf, type MessageBase } from "../message.ts";
import { checkBoolean, checkCount, checkOneOf, checkOptions } from "./check-option.ts";
import type { Middleware, MiddlewareContext } from "./middleware.ts";
import { named } from "./named.ts";
import { kindOf, outcomeOf, type Outcome } from "./outcome.ts";
import { withoutSecrets } from "./secrets.ts";
import { shownPayload } from "./shown-payload.ts";
import { refuseUncalled } from "./step-factory.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What is told of a message when its handler has come to its end. JSON-safe. */
export interface LogEntry {
  /** `error` of one that failed, `warn` of one that was cancelled or slow, else what `level` says. */
  readonly level: LogLevel;
  readonly kind: MessageKind;
  readonly type: string;
  readonly id: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly actor?: string;
  readonly tenant?: string;
  /** The name of the handler; an event has an entry for each of its handlers. */
  readonly handler: string;
  /** Also with parts of a millisecond. */
  readonly durationMs: number;
  readonly outcome: Outcome;
  readonly isSlow?: true;
  /** What was thrown: the code of an error of the toolkit or the class of another, and its message. */
  readonly error?: { readonly code: string; readonly message: string };
  /** With `***` in the place of each value that the message's class calls sensitive. A text is the beginning of its JSON. */
  readonly payload?: JsonObject | string;
  /** Whether the payload was longer than `maxPayloadLength`. */
  readonly isPayloadCut?: true;
}

export interface LoggingOptions {
  /** Takes an entry. What it throws becomes a warning of the process, and the message goes on. */
  readonly log: (entry: LogEntry) => void;
  /** Whether entries have the payload. Default `true`. */
  readonly payload?: boolean;
  /** The most characters of a payload's JSON, and of an error's message; an integer from 1. Default 2,000. */
  readonly maxPayloadLength?: number;
  /** From how many milliseconds on, from 0, an entry is marked as slow. Default: never. */
  readonly slowAfterMs?: number;
  /** The level of what was done in time. Default `info`. */
  readonly level?: LogLevel;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const DEFAULT_MAX_LENGTH = 2_000;

/**
 * Writes an entry for each message when its handler, with the steps behind this one, has come to its end. Of what the message's class calls sensitive nothing is
 * written: neither in the payload nor, as far as the values stand there as they are, in the text of an error.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * createCommandBus({ middleware: [logging({ log: (entry) => logger[entry.level](entry) })] });
 */
export function logging(options: LoggingOptions): Middleware {
  check(options);
  const { clock } = currentRuntime();
  return named("logging", async (message, context, next) => {
    const startMs = clock.monotonicMs();
    const write = (ended: Ended): void => writeSafely(options, () => entryOf(message, context, options, ended));
    try {
      const answer = await next();
      write({ outcome: "done", durationMs: clock.monotonicMs() - startMs });
      return answer;
    } catch (error) {
      write({ outcome: outcomeOf(error, context), durationMs: clock.monotonicMs() - startMs, thrown: { error } });
      throw error;
    }
  });
}

refuseUncalled(logging);

interface Ended {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly thrown?: { readonly error: unknown };
}

function entryOf(message: MessageBase, context: MiddlewareContext, options: LoggingOptions, ended: Ended): LogEntry {
  const { payload = true, maxPayloadLength = DEFAULT_MAX_LENGTH, slowAfterMs = Number.POSITIVE_INFINITY, level = "info" } = options;
  const { kind, type } = definitionOf(message);
  const { id, correlationId, causationId, actor, tenant } = metadataOf(message);
  const { outcome, durationMs, thrown } = ended;
  const isSlow = durationMs >= slowAfterMs;
  return {
    level: outcome === "failed" ? "error" : outcome === "canceled" || isSlow ? "warn" : level,
    kind,
    type,
    id,
    correlationId,
    ...(causationId === undefined ? undefined : { causationId }),
    ...(actor === undefined ? undefined : { actor }),
    ...(tenant === undefined ? undefined : { tenant }),
    handler: context.handler.name,
    durationMs,
    outcome,
    ...(isSlow ? { isSlow } : undefined),
    ...(thrown === undefined ? undefined : { error: factsOf(thrown.error, message, maxPayloadLength) }),
    ...(payload ? shownPayload(message, maxPayloadLength) : undefined),
  };
}

function factsOf(error: unknown, message: MessageBase, maxLength: number): NonNullable<LogEntry["error"]> {
  return { code: kindOf(error), message: withoutSecrets(textOf(error), error, message).slice(0, maxLength) };
}

function writeSafely({ log }: LoggingOptions, make: () => LogEntry): void {
  try {
    const logged: unknown = log(make());
    if (isThenable(logged)) logged.then(undefined, warn);
  } catch (error) {
    warn(error);
  }
}

function check(options: LoggingOptions): void {
  checkOptions("logging", options);
  const { log, payload = true, maxPayloadLength = DEFAULT_MAX_LENGTH, slowAfterMs = 0, level = "info" } = options;
  if (typeof log !== "function") throw new InvalidArgument("log", "a function that takes an entry", log);
  checkBoolean("payload of logging", payload);
  checkCount("maxPayloadLength of logging", maxPayloadLength);
  if (typeof slowAfterMs !== "number" || !(slowAfterMs >= 0))
    throw new InvalidArgument("slowAfterMs of logging", "a number from 0", slowAfterMs);
  checkOneOf("level of logging", level, LEVELS);
}
