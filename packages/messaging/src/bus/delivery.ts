import { EventHandlersFailed, type HandlerFailure } from "../errors.ts";
import type { EventBase } from "../message.ts";
import type { HandlerFacts } from "../middleware/middleware.ts";
import type { AnyHandler } from "./handler.ts";
import { promiseIn } from "../thenable.ts";
import type { MessageContext } from "./message-context.ts";

/** An event at work in its handlers: waits for all of them, and remembers who failed. */
export class Delivery {
  readonly #type: string;
  #failures: (HandlerFailure | undefined)[] | undefined;
  #handlers = 0;
  #atWork = 0;
  #end: (() => void) | undefined;
  readonly #onDone = (): void => {
    if (--this.#atWork === 0) this.#end?.();
  };

  constructor(type: string) {
    this.#type = type;
  }

  /** Starts a handler. */
  to(handler: HandlerFacts, run: AnyHandler, event: EventBase, context: MessageContext): void {
    const place = this.#handlers++;
    try {
      const reaction = promiseIn(run(event as never, context));
      if (reaction === undefined) return;
      this.#atWork++;
      reaction.then(this.#onDone, (error: unknown) => {
        this.#fail(place, handler, error);
        this.#onDone();
      });
    } catch (error) {
      this.#fail(place, handler, error);
    }
  }

  /** Resolves when all have come to their end. Errors: `event-handlers-failed`. */
  done(): Promise<void> {
    if (this.#atWork === 0 && this.#failures === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#end = () => {
        const failure = this.#failure();
        if (failure === undefined) resolve();
        else reject(failure);
      };
      if (this.#atWork === 0) this.#end();
    });
  }

  #fail(place: number, { name }: HandlerFacts, error: unknown): void {
    // Told in the order of the handlers, whenever they fail.
    this.#failures ??= [];
    this.#failures[place] = { handler: name, error };
  }

  #failure(): EventHandlersFailed | undefined {
    return (
      this.#failures &&
      new EventHandlersFailed(
        this.#type,
        this.#failures.filter((failure) => failure !== undefined),
      )
    );
  }
}
