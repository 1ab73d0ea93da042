import type { MessageMetadata } from "@reactive-domain/core";
import type { AnyHandler } from "../bus/handler.ts";
import { promiseIn } from "../thenable.ts";
import type { DirectContext } from "../bus/message-context.ts";
import { MessageCanceled } from "../errors.ts";
import type { MessageBase } from "../message.ts";
import { rejected } from "../rejected.ts";
import type { HandlerFacts, Middleware, MiddlewareContext, NextChanges } from "./middleware.ts";

/** A handler with its bus's steps around it, the first outermost. */
export function compose(steps: readonly Middleware<never>[], handler: AnyHandler, facts: HandlerFacts): AnyHandler {
  if (steps.length === 0) return handler;
  const innermost: Stage = async (message, context) => {
    const { sender } = context.root;
    if (sender?.aborted === true) throw new MessageCanceled(facts.type, sender.reason);
    context.root.enterHandler();
    try {
      return await handler(message as never, context);
    } catch (error) {
      context.root.noteThrown(error);
      throw error;
    }
  };
  const all = steps.reduceRight<Stage>(
    (behind, step) => (message, context) =>
      step(message as never, context, (changes) =>
        promiseOf(behind, message, changes === undefined ? context : new StepContext(facts, context.root, { before: context, changes })),
      ),
    innermost,
  );
  return (message: MessageBase, context) => {
    const root = context as DirectContext;
    root.enterSteps();
    return all(message, new StepContext(facts, root, undefined));
  };
}

type Stage = (message: MessageBase, context: StepContext) => unknown;

function promiseOf(stage: Stage, message: MessageBase, context: StepContext): Promise<unknown> {
  try {
    const answer = stage(message, context);
    return promiseIn(answer) ?? Promise.resolve(answer);
  } catch (error) {
    return rejected(error);
  }
}

/** Has what a handler threw for one message count as thrown by the handler also for another message that shares its answer. */
export function shareThrown(error: unknown, from: MiddlewareContext, to: MiddlewareContext): void {
  if (from instanceof StepContext && to instanceof StepContext && from.root.isFromHandler(error)) to.root.noteThrown(error);
}

/** Read when somebody asks: some signals are made only then. */
interface Changed {
  readonly before: MiddlewareContext;
  readonly changes: NextChanges;
}

class StepContext implements MiddlewareContext {
  readonly handler: HandlerFacts;
  /** What the bus made for this message. */
  readonly root: DirectContext;
  readonly #changed: Changed | undefined;

  constructor(handler: HandlerFacts, root: DirectContext, changed: Changed | undefined) {
    this.handler = handler;
    this.root = root;
    this.#changed = changed;
  }

  get metadata(): MessageMetadata {
    return this.root.metadata;
  }

  get signal(): AbortSignal | undefined {
    return this.#changed === undefined ? this.root.signal : (this.#changed.changes.signal ?? this.#changed.before.signal);
  }
}
