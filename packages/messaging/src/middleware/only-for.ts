import { InvalidArgument } from "@reactive-domain/core";
import type { MessageClass } from "../message-types.ts";
import { classOf, MessageBase } from "../message.ts";
import { checkBoolean, checkOptions } from "./check-option.ts";
import type { Middleware } from "./middleware.ts";
import { named } from "./named.ts";
import { refuseUncalled } from "./step-factory.ts";
import { checkStep, nameOf } from "./steps.ts";

export interface OnlyForOptions {
  /** Whether messages of classes that derive from a named one are meant, too. Default `true`. */
  readonly includeDerived?: boolean;
}

type InstanceOf<C> = C extends abstract new (payload: never) => infer M ? (M extends MessageBase ? M : never) : never;

/**
 * A step for messages of these classes only; others pass by. A bus shows it as `onlyFor(Deposit: retryOnConflict)`. Errors: `invalid-argument`.
 *
 * @example
 * const commands = createCommandBus({ middleware: [onlyFor([Deposit, Withdraw], retryOnConflict())] });
 */
export function onlyFor<C extends MessageClass<MessageBase>>(
  classes: C | readonly C[],
  step: Middleware<InstanceOf<C>>,
  options: OnlyForOptions = {},
): Middleware {
  checkOptions("onlyFor", options);
  const { includeDerived = true } = options;
  checkBoolean("includeDerived of onlyFor", includeDerived);
  const wanted = listOf(classes);
  checkStep("step of onlyFor", step);
  const isWanted = includeDerived
    ? (message: MessageBase): boolean => wanted.some((one) => message instanceof one)
    : (message: MessageBase): boolean => wanted.some((one) => classOf(message) === one);
  const types = wanted.map(({ type }) => type ?? "*").join(", ");
  return named(`onlyFor(${types}: ${nameOf(step)})`, (message: MessageBase, context, next) =>
    isWanted(message) ? step(message as InstanceOf<C>, context, next) : next(),
  );
}

refuseUncalled(onlyFor);

/** Errors: `invalid-argument`. */
function listOf(classes: MessageClass<MessageBase> | readonly MessageClass<MessageBase>[]): readonly MessageClass<MessageBase>[] {
  const listed: readonly MessageClass<MessageBase>[] = typeof classes === "function" ? [classes] : classes;
  const isClass = (one: unknown): boolean => typeof one === "function" && one.prototype instanceof MessageBase;
  if (!Array.isArray(listed) || listed.length === 0 || !listed.every(isClass))
    throw new InvalidArgument("classes of onlyFor", "a message class, or a list of some", classes);
  return [...listed];
}
