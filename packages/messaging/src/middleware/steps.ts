import { InvalidArgument } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import type { Middleware } from "./middleware.ts";
import { isFactory } from "./step-factory.ts";

/** What every bus takes. */
export interface MiddlewareOptions<M extends MessageBase> {
  /** Steps around each handler, the first outermost. */
  readonly middleware?: readonly Middleware<M>[];
}

/** Errors: `invalid-argument`. */
export function checkSteps(steps: readonly Middleware<never>[]): readonly Middleware<never>[] {
  if (!Array.isArray(steps)) throw new InvalidArgument("middleware", "an array of functions", steps);
  for (const [index, step] of steps.entries()) checkStep(`middleware[${index}]`, step);
  return [...steps];
}

/** Errors: `invalid-argument`. */
export function checkStep(what: string, step: Middleware<never>): void {
  if (typeof step !== "function")
    throw new InvalidArgument(what, "a function (message, context, next)", step, "Call the factory, as in validation().");
  if (isFactory(step)) throw new InvalidArgument(what, "a step", `the factory ${step.name}`, `Call it: ${step.name}(...).`);
}

export function nameOf(step: Middleware<never>): string {
  return step.name || "a step without a name";
}
