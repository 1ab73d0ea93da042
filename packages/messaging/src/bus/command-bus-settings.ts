import { InvalidArgument } from "@reactive-domain/core";

/** What a bus goes by where a `send` says nothing else. */
export interface CommandBusSettings {
  /**
   * How long a command waits for its handler to be registered on one of the connected buses, in milliseconds, above 0. Default 1,000. A bus without a connection knows
   * at once that there is none.
   */
  readonly ackTimeoutMs: number;
  /** How long a handler has to answer, in milliseconds, above 0; `Infinity` for ever. Default 30,000. */
  readonly responseTimeoutMs: number;
  /** From how many milliseconds on a command is reported as slow. It ends nothing. Default `Infinity`. */
  readonly slowAfterMs: number;
}

export const DEFAULTS: CommandBusSettings = { ackTimeoutMs: 1_000, responseTimeoutMs: 30_000, slowAfterMs: Number.POSITIVE_INFINITY };

/** Settings with what is given in their place. Errors: `invalid-argument`. */
export function settingsOf(given: Partial<CommandBusSettings>, settings: CommandBusSettings): CommandBusSettings {
  const {
    ackTimeoutMs = settings.ackTimeoutMs,
    responseTimeoutMs = settings.responseTimeoutMs,
    slowAfterMs = settings.slowAfterMs,
  } = given;
  if (ackTimeoutMs === settings.ackTimeoutMs && responseTimeoutMs === settings.responseTimeoutMs && slowAfterMs === settings.slowAfterMs)
    return settings;
  checkTimeout("ackTimeoutMs", ackTimeoutMs);
  checkTimeout("responseTimeoutMs", responseTimeoutMs);
  if (typeof slowAfterMs !== "number" || Number.isNaN(slowAfterMs))
    throw new InvalidArgument("slowAfterMs", "a number of milliseconds", slowAfterMs);
  return { ackTimeoutMs, responseTimeoutMs, slowAfterMs };
}

function checkTimeout(name: string, ms: number): void {
  if (typeof ms !== "number" || !(ms > 0)) throw new InvalidArgument(name, "a number of milliseconds above 0", ms);
}
