import type { EventBase, MessageBase } from "@reactive-domain/foundation";
import type { ExpectedRefusal } from "./refusal.ts";

/** What is held against what a decider did. */
export interface DeciderOutcome<S, E extends EventBase> {
  /**
   * What is expected, one of: exactly these events, in this order, deeply equal (`[]`: nothing happened); a refusal, by class, error or code; `{ state }`, which is deeply
   * equal; a function that looks at the state, asserts, and returns no value.
   *
   * Errors: an `AssertionError`; `invalid-argument` for anything else.
   */
  then(expected: readonly E[] | ExpectedRefusal | { readonly state: S } | ((state: S) => void)): void;
}

/** A decider with its history, ready for a command. */
export interface DeciderCase<C, S, E extends EventBase> {
  /** Carries out a command, which is what its events continue. */
  when(command: C & MessageBase): DeciderOutcome<S, E>;
}

/** A specification of a decider. It keeps nothing: each `when` is about an instance of its own. */
export interface DeciderSpecification<C, S, E extends EventBase> extends DeciderCase<C, S, E> {
  /** What has happened before, in order. */
  given(events?: readonly E[]): DeciderCase<C, S, E>;
}
