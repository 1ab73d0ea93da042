import { ReactiveDomainError } from "@reactive-domain/foundation";

/** The store has lost events: it holds what can only have come later. */
export class IncompleteHistory extends ReactiveDomainError {
  constructor(message: string) {
    super("incomplete-history", message);
  }
}
