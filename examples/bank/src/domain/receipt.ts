import { AggregateRoot, Event } from "@reactive-domain/foundation";
import type { RefusalKind } from "./messages.ts";

export class CommandAccepted extends Event("CommandAccepted")<{ commandId: string; type: string; fingerprint: string }> {}
export class CommandRefused extends Event("CommandRefused")<{
  commandId: string;
  type: string;
  fingerprint: string;
  kind: RefusalKind;
  reason: string;
}> {}

/**
 * What the bank noted about one command: whatever it answered, it answers again. A receipt is written together with what the command led to, and its stream
 * may not exist before, so that a command counts once, however often and from however many processes it comes.
 */
export class Receipt extends AggregateRoot {
  static readonly type = "Receipt";
  #noted: CommandAccepted | CommandRefused | undefined;

  constructor(commandId: string) {
    super(commandId);
    this.register(CommandAccepted, (event) => {
      this.#noted = event;
    });
    this.register(CommandRefused, (event) => {
      this.#noted = event;
    });
  }

  get refusal(): RefusalKind | undefined {
    return this.#noted instanceof CommandRefused ? this.#noted.kind : undefined;
  }

  /** A digest of the command that it was written for. */
  get fingerprint(): string | undefined {
    return this.#noted?.fingerprint;
  }

  accept(type: string, fingerprint: string): void {
    this.raise(new CommandAccepted({ commandId: this.id, type, fingerprint }));
  }

  refuse(type: string, fingerprint: string, refusal: { readonly kind: RefusalKind; readonly message: string }): void {
    this.raise(new CommandRefused({ commandId: this.id, type, fingerprint, kind: refusal.kind, reason: refusal.message }));
  }
}
