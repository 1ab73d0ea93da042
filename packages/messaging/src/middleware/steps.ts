import { InvalidArgument } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import type { Middleware } from "./middleware.ts";

/** What every bus takes. */
export interface MiddlewareOptions<M extends MessageBase> {
  /** Steps around each handler, the first outermost. */
  readonly middleware?: readonly Middleware<M>[];
}

/** Errors: `invalid-argument`. */
export function checkSteps(steps: readonly Middleware<never>[]): readonly Middleware<never>[] {
  if (!Array.isArray(steps)) throw new InvalidArgument("middleware", "an array of functions", steps);
  const stray = steps.findIndex((step) => typeof step !== "function");
  if (stray >= 0)
    throw new InvalidArgument(
      `middleware[${stray}]`,
      "a function (message, context, next)",
      steps[stray],
      "Call the factory, as in validation().",
    );
  return [...steps];
}

export function nameOf(step: Middleware<never>): string {
  return step.name || "a step without a name";
}
