import { InvalidArgument } from "@reactive-domain/core";
import { ReadModelBase, type BoundedContext } from "@reactive-domain/foundation";
import { checkOptions } from "../options/check-options.ts";
import { DEFAULT_START_MS } from "../runtime/test-runtime.ts";
import type { ExpectedRefusal } from "../specification/refusal.ts";
import { recordsOf, type GivenEvent } from "./given-event.ts";
import { ReadModelOutcome as Outcome } from "./read-model-outcome.ts";

/** What all cases of a read model's specification have in common. */
export interface ReadModelSpecificationOptions {
  /** The context that has to list what is given. Events pass its serializer, as they do between a store and a model. Default: events are handed over as they are. */
  readonly context?: BoundedContext;
  /** The time that the model sees, which stands, or that of the last event where that is later. Default: 2024-01-01T00:00Z. */
  readonly time?: Date;
}

/** What is held against a read model. */
export interface ReadModelOutcome<M> {
  /**
   * What is expected, one of: a function that looks at the model, asserts, and returns no value; or what stops it, by class, error or code of what a handler throws. A
   * function may wait.
   *
   * Errors: an `AssertionError`; `invalid-argument` for anything else.
   */
  then(expected: ExpectedRefusal | ((model: M) => unknown)): Promise<void>;
  /** What is selected is deeply equal to what is expected. Errors: an `AssertionError`; `invalid-argument`. */
  then<T>(select: (model: M) => T, expected: NoInfer<Awaited<T>>): Promise<void>;
}

/** A specification of a read model. It keeps nothing: each `then` is about a model of its own. */
export interface ReadModelSpecification<M> {
  /** What is in the log, in order: events, or events with their place, `{ event, kind, id, time }`. Errors: `invalid-argument`. */
  given(events?: readonly GivenEvent[]): ReadModelOutcome<M>;
}

/**
 * Specifies a read model: `given` what is in the log, `then` this is what it tells. Positions and versions are those of a store that these events were committed to. Time,
 * ids and chance are the same in every run.
 *
 * Handlers must leave their events as they are. Of a model that has `takeSnapshot` and `restoreFromSnapshot`, snapshots must be JSON and whole: restored from any of
 * them, and going on, a new model has to tell the same in the end as one that was never stopped, and as one that is told of its events one by one.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * const balances = specifyReadModel(() => new Balances());
 * await balances.given([new AmountDeposited({ accountId, amount: 5 })]).then((model) => model.of(accountId), 5);
 */
export function specifyReadModel<M extends ReadModelBase>(
  create: () => M,
  options: ReadModelSpecificationOptions = {},
): ReadModelSpecification<M> {
  if (typeof create !== "function") throw new InvalidArgument("What is specified", "a function that makes a read model", create);
  checkOptions("The options to specify a read model", options, ["context", "time"]);
  const { context, time } = options;
  if (time !== undefined && !(time instanceof Date && time.getTime() >= 0)) throw new InvalidArgument("time", "a Date from 1970 on", time);
  const made = new WeakSet<ReadModelBase>();
  return {
    given(events = []) {
      const timeMs = time?.getTime() ?? DEFAULT_START_MS;
      const records = recordsOf(events, context, timeMs);
      const nowMs = Math.max(timeMs, records.at(-1)?.timeMs ?? timeMs);
      return new Outcome<M>({ create: () => checkModel(create(), made), records, context, nowMs });
    },
  };
}

/** Errors: `invalid-argument` for what is no read model, and for one that was made before. */
function checkModel<M extends ReadModelBase>(model: M, made: WeakSet<ReadModelBase>): M {
  if (!(model instanceof ReadModelBase)) throw new InvalidArgument("What is made", "a read model", model);
  if (made.has(model)) throw new InvalidArgument("What is made", "a new read model each time", "one that was made before");
  made.add(model);
  return model;
}
