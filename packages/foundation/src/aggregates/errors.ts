import { ReactiveDomainError } from "@reactive-domain/core";

/** An aggregate that was saved for one message was asked to raise more. Get it again, with the message that goes on. */
export class UnitOfWorkEnded extends ReactiveDomainError {
  static readonly code = "unit-of-work-ended";

  constructor(owner: string) {
    super(
      UnitOfWorkEnded.code,
      `${owner} was saved for its message and may raise no more events. Get it from the repository again, with the next message.`,
      {
        details: { owner },
      },
    );
  }
}

/** An aggregate with strict routes raised an event that has none: its state would not know what has happened. Register a route, or declare it by `passThrough`. */
export class EventNotRouted extends ReactiveDomainError {
  static readonly code = "event-not-routed";

  constructor(owner: string, type: string) {
    super(
      EventNotRouted.code,
      `${owner} has no route for ${type}, and its routes are strict. Register one, or declare it by passThrough(${type}).`,
      {
        details: { owner, type },
      },
    );
  }
}

/** A route threw while an aggregate folded an event: nobody knows how far its state has come. Get it from the repository again; mend the route, which may not refuse what has happened. */
export class AggregateBroken extends ReactiveDomainError {
  static readonly code = "aggregate-broken";

  constructor(owner: string) {
    super(
      AggregateBroken.code,
      `A route of ${owner} threw, so that its state is unknown. Get it from the repository again. A route refuses nothing: decide in the method that raises.`,
      { details: { owner } },
    );
  }
}
