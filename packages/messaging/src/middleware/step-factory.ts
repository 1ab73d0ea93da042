import type { Middleware } from "./middleware.ts";

const factories = new WeakSet<object>();

/** Has buses refuse this factory in the place of the step that it makes: it is a function, too, and would answer each message with a step. */
export function refuseUncalled(factory: (...args: never) => Middleware): void {
  factories.add(factory);
}

export function isFactory(step: object): boolean {
  return factories.has(step);
}
