import { Canceled, CommandFailed } from "./errors.ts";
import type { MessageContext, SendOptions } from "./message-context.ts";
import type { Answer, MessageClass, ResultOf } from "./message-types.ts";
import { classOf, metadataOf, type CommandBase } from "./message.ts";
import { RequestRouter, type Unsubscribe } from "./request-router.ts";

/** Carries out one type of command. What it throws reaches the sender as the cause of `command-failed`. */
export type CommandHandler<C extends CommandBase> = (command: C, context: MessageContext) => Answer<ResultOf<C>>;

/** Brings each command to its one handler. */
export interface CommandBus {
  /** Registers the handler of exactly this class; classes that derive from it need their own. Errors: `already-handled`. */
  handle<C extends CommandBase>(commandClass: MessageClass<C>, handler: CommandHandler<C>): Unsubscribe;
  /**
   * Holds the command against its schema, runs its handler, and resolves to what that answers.
   *
   * Errors: `not-handled`, `invalid-message`, `canceled`; `command-failed` when the handler throws, with what it threw as the cause.
   */
  send<R>(command: CommandBase<R>, options?: SendOptions): Promise<R>;
  /** The types that have a handler, in alphabetical order. */
  handledTypes(): readonly string[];
}

/** A command bus within this process that runs handlers directly, as many at a time as there are senders. */
export function createCommandBus(): CommandBus {
  const router = new RequestRouter();
  return {
    handle: (commandClass, handler) => router.handle(commandClass, handler),
    send: <R>(command: CommandBase<R>, options?: SendOptions) =>
      router.dispatch(command, options, (error) => failureOf(command, options, error)) as Promise<R>,
    handledTypes: () => router.handledTypes(),
  };
}

/** A command whose handler sent another with the same signal was cancelled, too. */
function failureOf(command: CommandBase, options: SendOptions | undefined, error: unknown): Error {
  if (error instanceof Canceled && options?.signal?.aborted === true) return new Canceled(classOf(command).type, options.signal.reason);
  return new CommandFailed(classOf(command).type, metadataOf(command).id, error);
}
