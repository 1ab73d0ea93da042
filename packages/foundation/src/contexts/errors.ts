import { ReactiveDomainError } from "@reactive-domain/core";

/** A context cannot do its work as it is: a command or query has no handler, or the store holds events that it cannot read. All that was found is told at once. */
export class ContextIncomplete extends ReactiveDomainError {
  static readonly code = "context-incomplete";
  readonly problems: readonly string[];

  constructor(context: string, problems: readonly string[]) {
    super(ContextIncomplete.code, `The context ${context} is not complete:\n${problems.map((problem) => `- ${problem}`).join("\n")}`, {
      details: { context, problems },
    });
    this.problems = problems;
  }
}
