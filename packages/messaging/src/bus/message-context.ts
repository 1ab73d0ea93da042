import { InvalidArgument, type MessageMetadata } from "@reactive-domain/core";
import { metadataOf, type CommandBase, type MessageBase } from "../message.ts";

/** What a handler is told beside the message. */
export interface MessageContext {
  readonly metadata: MessageMetadata;
  /** The sender's wish to stop, where it gave a signal. Hand it on to whatever the handler waits for. */
  readonly signal: AbortSignal | undefined;
}

/** What the handler of a command is told beside it. */
export interface CommandHandlerContext extends MessageContext {
  /** Aborts when the sender gives up, or the time for the answer is up. Hand it on to whatever the handler waits for. */
  readonly signal: AbortSignal;
}

/** What a sender may say beside the message. */
export interface SendOptions {
  /** When it aborts before the handler runs, the handler does not run. The handler is handed it. */
  readonly signal?: AbortSignal | undefined;
}

/** Errors: `invalid-argument` for a signal that is none. */
export function signalOf(options: SendOptions | undefined): AbortSignal | undefined {
  const signal = options?.signal;
  if (signal !== undefined && (typeof signal?.aborted !== "boolean" || typeof signal.addEventListener !== "function"))
    throw new InvalidArgument("signal", "an AbortSignal, as of a controller", signal);
  return signal;
}

/** A context that makes the metadata only for those who read it. */
export class DirectContext<out M extends MessageBase = MessageBase> implements MessageContext {
  readonly message: M;
  /** The sender's signal. */
  readonly sender: AbortSignal | undefined;
  #thrown: unknown[] | undefined;

  constructor(message: M, sender: AbortSignal | undefined) {
    this.message = message;
    this.sender = sender;
  }

  /** From now on a step may throw, too. */
  enterSteps(): void {
    this.#thrown ??= [];
  }

  /** The steps, if there are any, are behind; the handler begins. */
  enterHandler(): void {}

  /** Remembers what the handler threw. */
  noteThrown(error: unknown): void {
    this.#thrown?.push(error);
  }

  isFromHandler(error: unknown): boolean {
    return this.#thrown?.includes(error) ?? true;
  }

  get metadata(): MessageMetadata {
    return metadataOf(this.message);
  }

  get signal(): AbortSignal | undefined {
    return this.sender;
  }
}

/** A context whose signal has more reasons to abort than the sender's, and is made only for those who ask for it. */
export class CommandContext extends DirectContext<CommandBase> implements CommandHandlerContext {
  readonly messageClass: typeof MessageBase;
  #own: OwnSignal | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(command: CommandBase, messageClass: typeof MessageBase, sender: AbortSignal | undefined) {
    super(command, sender);
    this.messageClass = messageClass;
  }

  override get signal(): AbortSignal {
    if (this.#own === undefined) {
      this.#own = new OwnSignal(this.sender);
      if (this.#aborted !== undefined) this.#own.abort(this.#aborted.reason);
    }
    return this.#own.signal;
  }

  /** Tells the handler, now or when it asks. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#own?.abort(reason);
  }

  /** Listens to the sender no longer. */
  end(): void {
    this.#own?.leaveSender();
  }
}

/** Aborts with the sender's signal, and by itself. */
class OwnSignal extends AbortController {
  readonly #sender: AbortSignal | undefined;
  readonly #onAbort = (): void => this.abort(this.#sender?.reason);

  constructor(sender: AbortSignal | undefined) {
    super();
    this.#sender = sender;
    if (sender?.aborted === true) this.#onAbort();
    else sender?.addEventListener("abort", this.#onAbort, { once: true });
  }

  leaveSender(): void {
    this.#sender?.removeEventListener("abort", this.#onAbort);
  }
}
