import { MessageCanceled, CommandFailed, TimedOut } from "../errors.ts";
import { isInstance } from "../is-instance.ts";
import { metadataOf, type CommandBase } from "../message.ts";
import { Deadline, type Deadlines } from "./deadlines.ts";
import type { CommandContext } from "./message-context.ts";
import type { Notices } from "./notices.ts";
import { canceled, failed, succeeded, type Acknowledged, type CommandResponse } from "./response.ts";

/** What a bus tells of a command: that its handler begins, and what came of it. */
export type CommandNotice = Acknowledged | CommandResponse;

/** What the calls of a bus have in common. */
export interface CallDesk {
  readonly notices: Notices<CommandNotice>;
  readonly deadlines: Deadlines;
}

/** A command whose handler is at work. The first of these settles it: the handler's end, the sender's wish to stop, the end of its time. */
export class PendingCall extends Deadline {
  readonly #context: CommandContext;
  readonly #desk: CallDesk;
  #onAbort: (() => void) | undefined;
  #resolve: ((result: unknown) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(context: CommandContext, desk: CallDesk, timeoutMs: number) {
    super(timeoutMs);
    this.#context = context;
    this.#desk = desk;
  }

  /** `onEnd` is called when the handler has come to its end. */
  settleWith(answer: Promise<unknown>, onEnd: (() => void) | undefined): Promise<unknown> {
    const settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.afterMs !== Number.POSITIVE_INFINITY) this.#desk.deadlines.start(this);
    const { sender } = this.#context;
    if (sender !== undefined) this.#listenTo(sender);
    answer.then(
      (result) => this.#onResult(result, onEnd),
      (thrown) => this.#onError(thrown, onEnd),
    );
    return settled;
  }

  override onDue(): void {
    this.#giveUp(new TimedOut(this.#type, this.afterMs));
  }

  #listenTo(sender: AbortSignal): void {
    this.#onAbort = () => this.#giveUp(new MessageCanceled(this.#type, sender.reason));
    if (sender.aborted) this.#onAbort();
    else sender.addEventListener("abort", this.#onAbort, { once: true });
  }

  #onResult(result: unknown, onEnd: (() => void) | undefined): void {
    onEnd?.();
    const { notices } = this.#desk;
    if (notices.isObserved) notices.tell(succeeded(this.#command, result));
    const resolve = this.#resolve;
    if (this.#end()) resolve?.(result);
  }

  #onError(thrown: unknown, onEnd: (() => void) | undefined): void {
    onEnd?.();
    const { notices } = this.#desk;
    const error = failureOf(this.#context, thrown);
    const reject = this.#reject;
    // That it ended because it was given up was told when it was.
    const isNews = !(reject === undefined && error instanceof MessageCanceled);
    if (notices.isObserved && isNews) notices.tell(notDone(this.#command, error));
    if (this.#end()) reject?.(error);
  }

  get #command(): CommandBase {
    return this.#context.message;
  }

  get #type(): string {
    return this.#context.messageClass.type;
  }

  #giveUp(error: Error): void {
    const reject = this.#reject;
    if (!this.#end()) return;
    this.#context.abort(error instanceof MessageCanceled ? error.cause : error);
    const { notices } = this.#desk;
    if (notices.isObserved) notices.tell(canceled(this.#command, error));
    reject?.(error);
  }

  #end(): boolean {
    if (this.#resolve === undefined) return false;
    this.#resolve = this.#reject = undefined;
    this.#desk.deadlines.lift(this);
    if (this.#onAbort !== undefined) this.#context.sender?.removeEventListener("abort", this.#onAbort);
    this.#context.end();
    return true;
  }
}

/**
 * What the sender gets for what was thrown: a step's error as it is, a handler's as the cause of another. A command whose handler sent another with the same signal
 * was cancelled, too.
 */
export function failureOf(context: CommandContext, thrown: unknown): Error {
  const { message: command, messageClass, sender } = context;
  const { type } = messageClass;
  if (isInstance(thrown, MessageCanceled) && sender?.aborted === true) return new MessageCanceled(type, sender.reason);
  if (isInstance(thrown, Error) && !context.isFromHandler(thrown)) return thrown;
  return new CommandFailed(type, metadataOf(command).id, thrown);
}

export function notDone(command: CommandBase, error: Error): CommandResponse<never> {
  return error instanceof MessageCanceled || error instanceof TimedOut ? canceled(command, error) : failed(command, error);
}
