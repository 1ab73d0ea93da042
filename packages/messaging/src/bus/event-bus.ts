import { checkObject, currentRuntime, InvalidArgument, type Runtime } from "@reactive-domain/core";
import { derives } from "../derives.ts";
import { MessageCanceled } from "../errors.ts";
import type { MessageClass } from "../message-types.ts";
import { classOf, EventBase, type MessageBase } from "../message.ts";
import { compose } from "../middleware/compose.ts";
import type { HandlerFacts, Middleware } from "../middleware/middleware.ts";
import { checkSteps, nameOf, type MiddlewareOptions } from "../middleware/steps.ts";
import { rejected } from "../rejected.ts";
import { keepCorrelation, placeInChain, runFor } from "./ambient.ts";
import { BUS, type BusKind } from "./bus-kind.ts";
import { Delivery } from "./delivery.ts";
import type { BusDescription } from "./description.ts";
import type { AnyHandler, Unsubscribe } from "./handler.ts";
import { factsOf } from "./handler-registry.ts";
import { DirectContext, signalOf, type MessageContext, type SendOptions } from "./message-context.ts";
import { Peers } from "./peers.ts";

/** Reacts to events of one class. A promise that it returns is awaited; any other value is passed over. */
export type EventHandler<E extends EventBase> = (event: E, context: MessageContext) => unknown;

export interface SubscribeOptions {
  /** Whether events of classes that derive from the named one arrive too. Default `true`. */
  readonly includeDerived?: boolean;
}

export interface EventBusOptions extends MiddlewareOptions<EventBase> {
  /** As for a command bus. */
  readonly ambientCorrelation?: boolean;
}

/** Brings each event to all its handlers. */
export interface EventBus {
  /** Registers a handler; of all events with `EventBase`. The same handler for the same class counts once, and either returned function ends it. Errors: `invalid-argument`. */
  subscribe<E extends EventBase>(eventClass: MessageClass<E>, handler: EventHandler<E>, options?: SubscribeOptions): Unsubscribe;
  /**
   * Runs the handlers of an event, each at once, in the order in which they subscribed, and resolves when all are done; without a handler at once. A handler gets
   * the events of one publisher in their order, and the next one also while it is at work on the last: a queue has it take one after the other.
   *
   * Errors: `message-canceled`; `event-handlers-failed` after all have run, when some threw.
   */
  publish(event: EventBase, options?: SendOptions): Promise<void>;
  /** Has events that are published on either bus reach the handlers of both, once, until the returned function is called. Two buses are connected once. Errors: `invalid-argument`. */
  connect(other: EventBus): Unsubscribe;
  /** Whether an event of exactly this class would find a handler; with `includeDerived`, or one of a class that derives from it. */
  hasSubscriber(eventClass: MessageClass<EventBase>, options?: SubscribeOptions): boolean;
  /** What was subscribed to, each once, in alphabetical order; `*` for all. */
  subscribedTypes(): readonly string[];
  /** The same, and the classes that derive from it, as far as events of them were published here. */
  handledTypes(): readonly string[];
  /** What it handles, by whom, and the steps around them. */
  describe(): BusDescription;
}

interface Subscription {
  readonly eventClass: MessageClass;
  readonly handler: AnyHandler;
  /** The handler, with the steps around it. */
  readonly run: AnyHandler;
  readonly facts: HandlerFacts;
  readonly includeDerived: boolean;
  /** Also looked at while an event is under way, whose handlers were found before. */
  isEnded: boolean;
}

/** An event bus within this process. Errors: `invalid-argument`. */
export function createEventBus(options: EventBusOptions = {}): EventBus {
  checkObject("options of createEventBus", options);
  return new DirectEventBus(options);
}

class DirectEventBus implements EventBus {
  readonly [BUS] = "event" satisfies BusKind;
  readonly #runtime: Runtime = currentRuntime();
  readonly #steps: readonly Middleware<never>[];
  readonly #routes = new Map<typeof MessageBase, readonly Subscription[]>();
  readonly peers: Peers<DirectEventBus> = new Peers<DirectEventBus>(this);
  #subscriptions: readonly Subscription[] = [];

  constructor({ middleware = [], ambientCorrelation = true }: EventBusOptions) {
    this.#steps = checkSteps(middleware);
    if (ambientCorrelation) keepCorrelation();
  }

  subscribe<E extends EventBase>(eventClass: MessageClass<E>, handler: EventHandler<E>, options: SubscribeOptions = {}): Unsubscribe {
    checkObject("options of subscribe", options);
    const { includeDerived = true } = options;
    const facts = factsOf("event", eventClass, handler);
    return this.#add({ eventClass, handler, run: compose(this.#steps, handler, facts), facts, includeDerived, isEnded: false });
  }

  publish(event: EventBase, options?: SendOptions): Promise<void> {
    try {
      const eventClass = classOf(event);
      if (!(event instanceof EventBase)) throw new InvalidArgument("event", "an instance of a class made by Event", event);
      placeInChain(event);
      const signal = signalOf(options);
      const turn = this.#runtime.scheduler.turn();
      return turn === undefined ? this.#deliver(event, eventClass, signal) : turn.then(() => this.#deliver(event, eventClass, signal));
    } catch (error) {
      return rejected(error);
    }
  }

  connect(other: EventBus): Unsubscribe {
    return this.peers.connect(other);
  }

  hasSubscriber(eventClass: MessageClass<EventBase>, { includeDerived = false }: SubscribeOptions = {}): boolean {
    return this.#subscriptions.some((one) => reaches(one, eventClass) || (includeDerived && derives(one.eventClass, eventClass)));
  }

  subscribedTypes(): readonly string[] {
    return sorted(this.#subscriptions.map(({ facts: { type } }) => type));
  }

  handledTypes(): readonly string[] {
    const routed = [...this.#routes].filter(([, route]) => route.length > 0).map(([{ type }]) => type);
    return sorted([...this.subscribedTypes(), ...routed]);
  }

  describe(): BusDescription {
    const handlers = this.#subscriptions.map(({ facts }) => facts).toSorted((one, other) => (one.type < other.type ? -1 : 1));
    return { handlers, middleware: this.#steps.map(nameOf) };
  }

  #deliver(event: EventBase, eventClass: typeof MessageBase, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new MessageCanceled(eventClass.type, signal.reason));
    const delivery = new Delivery(eventClass.type);
    const context = new DirectContext(event, signal);
    runFor(event, () => this.#start(delivery, event, eventClass, context), context);
    return delivery.done();
  }

  #start(delivery: Delivery, event: EventBase, eventClass: typeof MessageBase, context: MessageContext): void {
    for (const bus of this.peers.areNone ? [this] : this.peers.reachable())
      for (const { facts, run, isEnded } of bus.#route(eventClass)) if (!isEnded) delivery.to(facts, run, event, context);
  }

  #add(subscription: Subscription): Unsubscribe {
    const known = this.#subscriptions.find((one) => one.eventClass === subscription.eventClass && one.handler === subscription.handler);
    if (known !== undefined && known.includeDerived !== subscription.includeDerived)
      throw new InvalidArgument(
        "includeDerived",
        `${known.includeDerived}, as for this handler before`,
        subscription.includeDerived,
        "End the first subscription.",
      );
    const own = known ?? subscription;
    if (known === undefined) this.#replace([...this.#subscriptions, own]);
    return () => {
      own.isEnded = true;
      this.#replace(this.#subscriptions.filter((one) => one !== own));
    };
  }

  #route(eventClass: typeof MessageBase): readonly Subscription[] {
    let route = this.#routes.get(eventClass);
    if (route === undefined) {
      route = this.#subscriptions.filter((one) => reaches(one, eventClass));
      this.#routes.set(eventClass, route);
    }
    return route;
  }

  #replace(subscriptions: readonly Subscription[]): void {
    this.#subscriptions = subscriptions;
    for (const [eventClass] of this.#routes)
      this.#routes.set(
        eventClass,
        subscriptions.filter((one) => reaches(one, eventClass)),
      );
  }
}

function reaches({ eventClass, includeDerived }: Subscription, published: MessageClass | typeof MessageBase): boolean {
  return eventClass === published || (includeDerived && derives(published, eventClass));
}

function sorted(types: readonly string[]): readonly string[] {
  return [...new Set(types)].toSorted();
}
