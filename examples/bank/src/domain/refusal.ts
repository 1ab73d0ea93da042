import { ReactiveDomainError } from "@reactive-domain/foundation";
import type { RefusalKind } from "./messages.ts";

/** A rule of the bank forbids what was asked. */
export class Refusal extends ReactiveDomainError {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(kind, message);
    this.kind = kind;
  }
}
