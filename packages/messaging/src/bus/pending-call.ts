import { MessageCanceled, CommandFailed, TimedOut } from "../errors.ts";
import { classOf, metadataOf, type CommandBase } from "../message.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import type { CommandContext } from "./message-context.ts";
import type { Notices } from "./notices.ts";
import { canceled, failed, succeeded, type Acknowledged, type CommandResponse } from "./response.ts";

/** What a bus tells of a command: that its handler begins, and what came of it. */
export type CommandNotice = Acknowledged | CommandResponse;

export interface PendingCallOptions {
  readonly command: CommandBase;
  readonly context: CommandContext;
  readonly notices: Notices<CommandNotice>;
  /** Called when the handler has come to its end. */
  readonly report: (() => void) | undefined;
}

/** A command whose handler is at work. The first of these settles it: the handler's end, the sender's wish to stop, the end of its time. */
export class PendingCall {
  readonly #options: PendingCallOptions;
  readonly #onAbort = (): void => this.#giveUp(new MessageCanceled(this.#type, this.#options.context.sender?.reason));
  #resolve: (result: unknown) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #deadlines: Deadlines | undefined;
  #deadline: Deadline | undefined;
  #isSettled = false;

  constructor(options: PendingCallOptions) {
    this.#options = options;
  }

  settleWith(answer: PromiseLike<unknown>, deadlines: Deadlines, timeoutMs: number): Promise<unknown> {
    const { sender: signal } = this.#options.context;
    const settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#deadlines = deadlines;
      this.#deadline = deadlines.set(timeoutMs, () => this.#giveUp(new TimedOut(this.#type, timeoutMs)));
    }
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
    answer.then(this.#onResult, this.#onError);
    return settled;
  }

  readonly #onResult = (result: unknown): void => {
    const { command, notices, report } = this.#options;
    report?.();
    if (notices.isObserved) notices.tell(succeeded(command, result));
    if (this.#end()) this.#resolve(result);
  };

  readonly #onError = (thrown: unknown): void => {
    const { command, context, notices, report } = this.#options;
    report?.();
    const error = failureOf(command, context, thrown);
    // That it ended because it was given up was told when it was.
    const isNews = !(this.#isSettled && error instanceof MessageCanceled);
    if (notices.isObserved && isNews) notices.tell(notDone(command, error));
    if (this.#end()) this.#reject(error);
  };

  get #type(): string {
    return classOf(this.#options.command).type;
  }

  #giveUp(error: Error): void {
    if (!this.#end()) return;
    const { command, context, notices } = this.#options;
    context.abort(error instanceof MessageCanceled ? error.cause : error);
    if (notices.isObserved) notices.tell(canceled(command, error));
    this.#reject(error);
  }

  #end(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    if (this.#deadline !== undefined) this.#deadlines?.lift(this.#deadline);
    const { context } = this.#options;
    context.sender?.removeEventListener("abort", this.#onAbort);
    context.end();
    return true;
  }
}

/**
 * What the sender gets for what was thrown: a step's error as it is, a handler's as the cause of another. A command whose handler sent another with the same signal
 * was cancelled, too.
 */
export function failureOf(command: CommandBase, context: CommandContext, thrown: unknown): Error {
  const { type } = classOf(command);
  if (thrown instanceof MessageCanceled && context.sender?.aborted === true) return new MessageCanceled(type, context.sender.reason);
  if (thrown instanceof Error && !context.isFromHandler(thrown)) return thrown;
  return new CommandFailed(type, metadataOf(command).id, thrown);
}

export function notDone(command: CommandBase, error: Error): CommandResponse<never> {
  return error instanceof MessageCanceled || error instanceof TimedOut ? canceled(command, error) : failed(command, error);
}
