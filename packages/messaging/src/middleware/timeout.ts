import { currentRuntime } from "@reactive-domain/core";
import { Deadlines } from "../bus/deadlines.ts";
import { isAsyncIterable } from "../bus/is-async-iterable.ts";
import { TimedOut } from "../errors.ts";
import { classOf } from "../message.ts";
import { checkOptions, checkPositive } from "./check-option.ts";
import { LateSignal } from "./late-signal.ts";
import type { Middleware } from "./middleware.ts";
import { named } from "./named.ts";
import { refuseUncalled } from "./step-factory.ts";

export interface TimeoutOptions {
  /** How long what is behind this step has to answer, in milliseconds, above 0. */
  readonly ms: number;
}

/**
 * Gives what is behind it so much time, on any bus. When it is up, the caller gets `timed-out` and the signal aborts that the rest sees, with the same error as
 * its reason. A handler that does not look at its signal stays at work, and what it does counts. What is answered bit by bit has answered when it begins.
 *
 * Errors: `invalid-argument`; when called, `timed-out`.
 */
export function timeout(options: TimeoutOptions): Middleware {
  checkOptions("timeout", options);
  const { ms } = options;
  checkPositive("ms of timeout", ms);
  const deadlines = new Deadlines(currentRuntime());
  return named("timeout", (message, context, next) => {
    const own = new LateSignal(context);
    return new Promise((resolve, reject) => {
      const deadline = deadlines.set(ms, () => {
        const error = new TimedOut(classOf(message).type, ms, "ms of the step timeout");
        own.abort(error);
        reject(error);
      });
      const end = (answer?: unknown): void => {
        deadlines.lift(deadline);
        // The handler of what is answered bit by bit goes on, and still looks at its signal.
        if (!isAsyncIterable(answer)) own.end();
      };
      const answered = next(own);
      answered.then(end, () => end());
      answered.then(resolve, reject);
    });
  });
}

refuseUncalled(timeout);
