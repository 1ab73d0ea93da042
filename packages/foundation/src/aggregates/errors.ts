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
