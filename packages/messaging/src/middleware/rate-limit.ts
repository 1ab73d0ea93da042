import { currentRuntime, InvalidArgument } from "@reactive-domain/core";
import { classOf, type MessageBase } from "../message.ts";
import { checkOneOf, checkOptions, checkPositive } from "./check-option.ts";
import { RateLimited } from "./errors.ts";
import { refuseAborted, waitFor } from "./give-up.ts";
import type { Middleware, MiddlewareContext, Next } from "./middleware.ts";
import { named } from "./named.ts";
import { refuseUncalled } from "./step-factory.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What a rate limit does with a message that comes too early. */
export type WhenExceeded = "refuse" | "wait";

export interface RateLimitOptions {
  /** How many messages a second may pass in the long run. A number above 0; half a message is one every two seconds. */
  readonly perSecond: number;
  /**
   * How many may pass at once after a quiet time. A number from 1. Default `perSecond`, or 1 where that is less. Where messages wait, give it what comes in 20 ms
   * at least: a timer is a little late, and what a full bucket gets meanwhile is lost.
   */
  readonly burst?: number;
  /** `refuse`, the default: the sender gets `rate-limited`. `wait`: the message waits for its time, after those that came before it. */
  readonly whenExceeded?: WhenExceeded;
  /** How long a message waits at most, in milliseconds, above 0; one that would have to wait longer is refused at once. Only with `wait`. Default: for ever. */
  readonly maxWaitMs?: number;
}

/**
 * Lets so many messages a second through, of all handlers together that have this very step around them; an event counts once for each of its handlers. A bucket
 * holds `burst` tokens at first, and gets `perSecond` of them a second until it is full again; each message takes one.
 *
 * Errors: `invalid-argument`; when called, `rate-limited`, and with `wait` `message-canceled`.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  checkOptions("rateLimit", options);
  const { perSecond, burst = Math.max(1, perSecond), maxWaitMs = Number.POSITIVE_INFINITY, whenExceeded = "refuse" } = options;
  check({ perSecond, burst, maxWaitMs, whenExceeded });
  const bucket = new TokenBucket(currentRuntime(), perSecond, burst);
  const longestMs = whenExceeded === "wait" ? maxWaitMs : 0;
  return named("rateLimit", (message, context, next) => {
    const waitMs = bucket.take();
    if (waitMs === 0) return next();
    if (waitMs > longestMs) throw new RateLimited(classOf(message).type, perSecond, waitMs);
    return passLater(message, context, next, bucket);
  });
}

refuseUncalled(rateLimit);

async function passLater(message: MessageBase, { signal }: MiddlewareContext, next: Next, bucket: TokenBucket): Promise<unknown> {
  await waitFor(message, signal, (done) => bucket.wait(done));
  refuseAborted(message, signal);
  return next();
}

function check({ perSecond, burst, maxWaitMs, whenExceeded }: Required<RateLimitOptions>): void {
  checkPositive("perSecond of rateLimit", perSecond);
  if (!Number.isFinite(burst) || burst < 1) throw new InvalidArgument("burst of rateLimit", "a number from 1", burst);
  checkOneOf("whenExceeded of rateLimit", whenExceeded, ["refuse", "wait"]);
  if (maxWaitMs === Number.POSITIVE_INFINITY) return;
  checkPositive("maxWaitMs of rateLimit", maxWaitMs);
  if (whenExceeded === "refuse") throw new InvalidArgument("maxWaitMs of rateLimit", 'given only where whenExceeded is "wait"', maxWaitMs);
}
