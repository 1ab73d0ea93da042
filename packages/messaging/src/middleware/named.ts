import type { MessageBase } from "../message.ts";
import type { Middleware } from "./middleware.ts";

/** Gives a step the name by which a bus shows it. */
export function named<M extends MessageBase>(name: string, step: Middleware<M>): Middleware<M> {
  return Object.defineProperty(step, "name", { value: name, configurable: true });
}
