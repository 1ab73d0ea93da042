import { currentRuntime, type Runtime } from "@reactive-domain/core";
import { Canceled, EventHandlersFailed, type HandlerFailure } from "./errors.ts";
import { DirectContext, type MessageContext, type SendOptions } from "./message-context.ts";
import type { MessageClass } from "./message-types.ts";
import { classOf, type EventBase, type MessageBase } from "./message.ts";
import type { Unsubscribe } from "./request-router.ts";

/** Reacts to events of one class. A promise that it returns is awaited; any other value is passed over. */
export type EventHandler<E extends EventBase> = (event: E, context: MessageContext) => unknown;

export interface SubscribeOptions {
  /** Whether events of classes that derive from the named one arrive too. Default `true`. */
  readonly includeDerived?: boolean;
}

/** Brings each event to all its handlers. */
export interface EventBus {
  /** Registers a handler. The same handler for the same class counts once, and either returned function ends it. */
  subscribe<E extends EventBase>(eventClass: MessageClass<E>, handler: EventHandler<E>, options?: SubscribeOptions): Unsubscribe;
  /**
   * Runs the handlers of an event one after another, in the order in which they subscribed, and resolves when all are done; without a handler at once.
   *
   * Errors: `canceled`; `event-handlers-failed` after all have run, when some threw.
   */
  publish(event: EventBase, options?: SendOptions): Promise<void>;
}

interface Registration {
  readonly eventClass: MessageClass;
  readonly handler: (event: never, context: MessageContext) => unknown;
  readonly includeDerived: boolean;
  /** Also looked at while an event is under way, whose handlers were found before. */
  isEnded: boolean;
}

/** An event bus within this process. */
export function createEventBus(): EventBus {
  return new DirectEventBus();
}

class DirectEventBus implements EventBus {
  readonly #runtime: Runtime = currentRuntime();
  readonly #routes = new Map<unknown, readonly Registration[]>();
  #registrations: readonly Registration[] = [];

  subscribe<E extends EventBase>(eventClass: MessageClass<E>, handler: EventHandler<E>, options: SubscribeOptions = {}): Unsubscribe {
    const known = this.#registrations.find((one) => one.eventClass === eventClass && one.handler === handler);
    const registration = known ?? { eventClass, handler, includeDerived: options.includeDerived ?? true, isEnded: false };
    if (known === undefined) this.#replace([...this.#registrations, registration]);
    return () => {
      registration.isEnded = true;
      this.#replace(this.#registrations.filter((one) => one !== registration));
    };
  }

  async publish(event: EventBase, options?: SendOptions): Promise<void> {
    const eventClass = classOf(event);
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    if (options?.signal?.aborted === true) throw new Canceled(eventClass.type, options.signal.reason);
    const context = new DirectContext(event, options?.signal);
    const failures: HandlerFailure[] = [];
    for (const { handler, isEnded } of this.#route(eventClass)) {
      if (isEnded) continue;
      try {
        await handler(event as never, context);
      } catch (error) {
        failures.push({ handler: handler.name || "a handler without a name", error });
      }
    }
    if (failures.length > 0) throw new EventHandlersFailed(eventClass.type, failures);
  }

  #route(eventClass: typeof MessageBase): readonly Registration[] {
    const known = this.#routes.get(eventClass);
    if (known !== undefined) return known;
    const route = this.#registrations.filter(
      (one) => eventClass === one.eventClass || (one.includeDerived && derives(eventClass, one.eventClass)),
    );
    this.#routes.set(eventClass, route);
    return route;
  }

  #replace(registrations: readonly Registration[]): void {
    this.#registrations = registrations;
    this.#routes.clear();
  }
}

function derives(eventClass: typeof MessageBase, base: MessageClass): boolean {
  return eventClass.prototype instanceof base;
}
