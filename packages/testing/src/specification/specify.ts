import { InvalidArgument } from "@reactive-domain/core";
import {
  EventBase,
  MessageBase,
  type AggregateClass,
  type AggregateRoot,
  type BoundedContext,
  type Decider,
  type DeciderSource,
} from "@reactive-domain/foundation";
import type { AggregateSpecification } from "./aggregate-specification.ts";
import type { DeciderSpecification } from "./decider-specification.ts";
import { checkOptions } from "../options/check-options.ts";
import { Outcome } from "./outcome.ts";
import { runCase, type Setting } from "./run-case.ts";
import { aggregateSubject, deciderSubject, type Specimen } from "./subject.ts";

/** What all cases of a specification have in common. */
export interface SpecificationOptions {
  /** Who it is about. Default `sample`. */
  readonly id?: string;
  /** The time, which stands. Default: 2024-01-01T00:00Z. */
  readonly time?: Date;
  /** The context that has to list what is raised, and whose stream names ids follow from. Default: any event may be raised. */
  readonly context?: BoundedContext;
}

export interface AggregateSpecificationOptions<T extends AggregateRoot, C = never> extends SpecificationOptions {
  /** What a function works for; a command is its own source. Default: a message made for the purpose. */
  readonly source?: MessageBase;
  /** How a command is carried out by an aggregate. */
  readonly handle?: (aggregate: T, command: C) => void;
}

/**
 * Specifies an aggregate class or a decider: `given` what has happened, `when` something is done, `then` exactly this follows. Time, ids and chance are the same in every run: the time
 * is that of the options, the n-th id is {@link fixedId} of n.
 *
 * What is raised must also continue the chain of its source under the ids that a repository gives, must fit its schema and survive JSON, and the state must be that of a
 * replay: of a decider always, of an aggregate that has a `takeSnapshot`. Where it has a `restoreFromSnapshot`, too, what is taken has to be JSON, and an instance that is
 * restored from it has to give the same.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * specify(Account).given([new AmountDeposited({ amount: 5 })]).when((account) => account.withdraw(6)).then(InsufficientFunds);
 */
export function specify<T extends AggregateRoot, C = never>(
  aggregateClass: AggregateClass<T>,
  options?: AggregateSpecificationOptions<T, C>,
): AggregateSpecification<T, C>;
export function specify<C, S, E extends EventBase>(
  decider: Decider<C, S, E>,
  options?: SpecificationOptions,
): DeciderSpecification<C, S, E>;
export function specify(
  kind: AggregateClass<AggregateRoot> | Decider<unknown, unknown, EventBase>,
  options: AggregateSpecificationOptions<AggregateRoot, unknown> = {},
): unknown {
  if (typeof kind === "function") {
    checkOptions(`The options to specify ${kind.type}`, options, [...SHARED_OPTIONS, "source", "handle"]);
    return specifyAggregate(kind, options);
  }
  if (typeof kind !== "object" || kind === null) throw new InvalidArgument("What is specified", "an aggregate class or a decider", kind);
  checkOptions(`The options to specify ${kind.type}`, options, SHARED_OPTIONS);
  return specifyDecider(kind, options);
}

const SHARED_OPTIONS: readonly (keyof SpecificationOptions)[] = ["id", "time", "context"];

type AnyAct = MessageBase | ((aggregate: AggregateRoot) => unknown);

function specifyAggregate(
  aggregateClass: AggregateClass<AggregateRoot>,
  options: AggregateSpecificationOptions<AggregateRoot, unknown>,
): unknown {
  const { id = "sample", source } = options;
  const setting: Setting<AggregateRoot> = { subject: aggregateSubject(aggregateClass, id), ...sharedOf(options) };
  const caseOf = (given: readonly EventBase[]) => ({
    when(what: AnyAct) {
      const act = actOf(what, options.handle);
      const perform = (specimen: Specimen<AggregateRoot>): unknown => act(specimen.view());
      return new Outcome(runCase(setting, given, { what, source: what instanceof MessageBase ? what : source, perform }), false);
    },
  });
  return specificationOf(caseOf);
}

function actOf(
  what: AnyAct,
  handle: ((aggregate: AggregateRoot, command: unknown) => unknown) | undefined,
): (one: AggregateRoot) => unknown {
  if (typeof what === "function") return what;
  if (!(what instanceof MessageBase)) throw new InvalidArgument("What is done", "a function or a command", what);
  if (handle === undefined)
    throw new InvalidArgument(
      "handle",
      "given where commands are carried out",
      handle,
      "Give specify(Class, { handle }), or a function to when.",
    );
  return (aggregate) => handle(aggregate, what);
}

function specifyDecider(decider: Decider<unknown, unknown, EventBase>, options: SpecificationOptions): unknown {
  const setting: Setting<unknown> = { subject: deciderSubject(decider, options.id ?? "sample"), ...sharedOf(options) };
  const caseOf = (given: readonly EventBase[]) => ({
    when(command: MessageBase) {
      if (!(command instanceof MessageBase)) throw new InvalidArgument("What is carried out", "a command", command);
      const perform = ({ source }: Specimen<unknown>): unknown => (source as DeciderSource<unknown, unknown, EventBase>).handle(command);
      return new Outcome(runCase(setting, given, { what: command, source: command, perform }), true);
    },
  });
  return specificationOf(caseOf);
}

function specificationOf(caseOf: (given: readonly EventBase[]) => object): object {
  return { ...caseOf([]), given: (events: readonly EventBase[] = []) => caseOf(checkEvents(events)) };
}

function sharedOf({ time, context }: SpecificationOptions): Pick<Setting<unknown>, "time" | "context"> {
  if (time !== undefined && !(time instanceof Date && time.getTime() >= 0)) throw new InvalidArgument("time", "a Date from 1970 on", time);
  return { time, context };
}

/** Errors: `invalid-argument`. */
function checkEvents(events: readonly EventBase[]): readonly EventBase[] {
  if (!Array.isArray(events)) throw new InvalidArgument("What is given", "a list of events", events);
  for (const event of events) if (!(event instanceof EventBase)) throw new InvalidArgument("What is given", "a list of events", event);
  return [...events];
}
