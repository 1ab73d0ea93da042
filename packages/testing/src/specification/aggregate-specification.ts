import type { AggregateRoot, EventBase, MessageBase } from "@reactive-domain/foundation";
import type { ExpectedRefusal } from "./refusal.ts";

/** What is held against what an aggregate did. */
export interface AggregateOutcome<T> {
  /**
   * What is expected, one of: exactly these events, in this order, deeply equal (`[]`: nothing happened); a refusal, by class, error or code, with nothing recorded; a
   * function that looks at the aggregate, as a save leaves it, asserts, and returns no value.
   *
   * Errors: an `AssertionError`; `invalid-argument` for anything else.
   */
  then(expected: readonly EventBase[] | ExpectedRefusal | ((aggregate: T) => void)): void;
}

/** What a function that returns a promise gets: nothing can be expected of it. */
export interface AggregatesDoNotWait {
  readonly "an aggregate decides at once: wait before, and hand in what was waited for": never;
}

/** What no command is: where a specification has no `handle`, nobody knows how one is carried out. */
export interface CommandsNeedHandle {
  readonly "a command needs a handle: specify(Class, { handle }); or give when a function": never;
}

type OutcomeOf<T, R> = [R] extends [never]
  ? AggregateOutcome<T>
  : unknown extends R
    ? AggregateOutcome<T>
    : [R] extends [PromiseLike<unknown>]
      ? AggregatesDoNotWait
      : AggregateOutcome<T>;

/** An aggregate with its history, ready for something to be done. */
export interface AggregateCase<T extends AggregateRoot, C = never> {
  /** Does something to a new aggregate with this history, for a message that was made for the purpose. */
  when<R>(act: (aggregate: T) => R): OutcomeOf<T, R>;
  /** Carries out a command, which is what its events continue. Where the specification has a `handle`. */
  when(command: [C] extends [never] ? CommandsNeedHandle : C & MessageBase): AggregateOutcome<T>;
}

/** A specification of an aggregate class. It keeps nothing: each `when` is about an aggregate of its own. */
export interface AggregateSpecification<T extends AggregateRoot, C = never> extends AggregateCase<T, C> {
  /** What has happened before, in order. */
  given(events?: readonly EventBase[]): AggregateCase<T, C>;
}
