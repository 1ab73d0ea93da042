import { GroupNotFound, type Delivery, type DeliveryRef } from "@reactive-domain/persistence";
import type { ServerContext } from "../server-context.ts";
import type { NackAction } from "../wire/decode-subscription-read.ts";
import { Claims } from "./claims.ts";
import type { Consumer } from "./consumer.ts";
import type { KeptSubscription } from "./kept-subscription.ts";
import { HeldLeases } from "./held-leases.ts";
import type { Message } from "./message.ts";
import { messagesOf, type MessageMaker } from "./messages-of.ts";
import type { Pace } from "./pace.ts";
import { ReadAhead } from "./read-ahead.ts";
import { LateMessages } from "./late-messages.ts";
import { Settler } from "./settler.ts";
import { subscriptionDropped } from "./subscription-refusals.ts";
import { strategyOf, type Strategy } from "./strategy.ts";
import { ViewGate } from "./view-gate.ts";

export type RunnerContext = Pick<ServerContext, "store" | "runtime" | "projections">;

export interface RunnerOptions {
  readonly context: RunnerContext;
  readonly kept: KeptSubscription;
  readonly maker: MessageMaker;
  readonly pace: Pace;
  /** Called once, when nobody can join it any more, with what resolves when it has given back what it had. */
  readonly onEnding: (ended: Promise<void>) => void;
}

/** While so many settlements wait to be written, nothing more is taken. */
const MAX_BACKLOG = 4_000;

/** Takes the events of one subscription from the store, for all consumers that are connected to this server, and gives them out. */
export class SubscriptionRunner {
  readonly kept: KeptSubscription;
  readonly #options: RunnerOptions;
  readonly #strategy: Strategy;
  readonly #settler: Settler;
  readonly #readAhead: ReadAhead;
  readonly #leases: HeldLeases;
  readonly #gate: ViewGate;
  readonly #late: LateMessages;
  readonly #claims: Claims;
  readonly #ended = new AbortController();
  #consumers: Consumer[] = [];
  #queue: Message[] = [];
  #ending: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    const { context, kept } = options;
    const { store, runtime } = context;
    this.#options = options;
    this.kept = kept;
    this.#strategy = strategyOf(kept.settings.strategy);
    this.#readAhead = new ReadAhead(runtime.clock, kept.settings);
    const onFault = (error: unknown): void => void this.end(error);
    this.#settler = new Settler({ store, runtime, kept, onFault, onWritten: () => this.#claims.wake() });
    this.#leases = new HeldLeases({
      store,
      runtime,
      group: kept.storeGroup,
      held: () => this.#held(),
      onLost: (lost) => this.#lose(lost),
      onFault,
    });
    const { view } = options.maker;
    this.#gate = new ViewGate({ view, projections: context.projections, signal: this.#ended.signal, onMoved: () => this.#push(), onFault });
    this.#late = new LateMessages(runtime, kept.settings.messageTimeoutMs, (before) => this.#endTimes(before));
    this.#claims = new Claims({
      store,
      runtime,
      group: kept.storeGroup,
      signal: this.#ended.signal,
      wanted: () => this.#wanted,
      onClaimed: (deliveries) => this.#take(deliveries),
      onFault,
    });
  }

  get consumers(): readonly Consumer[] {
    return this.#consumers;
  }

  /** How many messages wait for a consumer. */
  get queued(): number {
    return this.#queue.length;
  }

  attach(consumer: Consumer): void {
    consumer.onRoom = () => this.#push();
    this.#consumers = [...this.#consumers, consumer];
    this.#push();
  }

  /** A consumer has gone: what it had goes to others, as if it had asked for that. */
  detach(consumer: Consumer): void {
    if (!this.#consumers.includes(consumer)) return;
    this.#consumers = this.#consumers.filter((one) => one !== consumer);
    for (const message of consumer.takeAll()) this.#again(message, `Its consumer at ${consumer.from} went away.`);
    if (this.#consumers.length === 0) void this.end();
    else this.#push();
  }

  acknowledge(consumer: Consumer, ids: readonly string[]): void {
    const nowMs = this.#options.context.runtime.clock.monotonicMs();
    for (const message of taken(consumer, ids)) {
      this.#settler.settle(message, { outcome: "acknowledge" });
      const ms = nowMs - message.sentMs;
      consumer.pace.took(ms);
      this.#options.pace.took(ms);
    }
    this.#push();
  }

  /** `stop` ends the consumer, and leaves to others what it names. */
  reject(consumer: Consumer, ids: readonly string[], { action, reason }: { readonly action: NackAction; readonly reason: string }): void {
    for (const message of taken(consumer, ids)) {
      if (action === "park") this.#settler.settle(message, { outcome: "park", reason });
      else if (action === "skip") this.#settler.settle(message, { outcome: "skip" });
      else this.#again(message, reason);
    }
    this.#push();
  }

  /** Ends all consumers with an error, if there is one; what they have goes back, and does not count as delivered. Resolves when that is written. */
  end(error?: unknown): Promise<void> {
    if (this.#ending === undefined) {
      // Another server has deleted it, or made it anew.
      this.#ending = this.#end(error instanceof GroupNotFound ? subscriptionDropped(this.kept, "was deleted. Connect again.") : error);
      this.#options.onEnding(this.#ending);
    }
    return this.#ending;
  }

  async #end(error: unknown): Promise<void> {
    this.#ended.abort(error ?? new Error("Nobody is there any more."));
    this.#late.end();
    this.#claims.wake();
    await this.#claims.ended;
    const consumers = this.#consumers;
    this.#consumers = [];
    for (const consumer of consumers) for (const message of consumer.takeAll()) this.#release(message);
    for (const message of this.#queue.splice(0)) this.#release(message);
    await this.#settler.idle();
    this.#leases.end();
    for (const consumer of consumers) consumer.end(error);
  }

  #release(message: Message): void {
    this.#settler.settle(message, { outcome: "release" });
  }

  /** A message is to come again, or has come often enough. */
  #again(message: Message, reason: string): void {
    const { maxRetryCount } = this.kept.settings;
    if (message.attempt <= maxRetryCount) this.#settler.settle(message, { outcome: "retry", reason });
    else
      this.#settler.settle(message, {
        outcome: "park",
        reason: `It came again ${maxRetryCount} times, the most (maxRetryCount). ${reason}`,
      });
  }

  /** Gives out what waits, as far as consumers take it. */
  #push(): void {
    const nowMs = this.#options.context.runtime.clock.monotonicMs();
    const waiting: Message[] = [];
    let given = 0;
    for (const [index, message] of this.#queue.entries()) {
      if (!this.#gate.shows(message.position)) {
        waiting.push(message);
        continue;
      }
      const consumer = this.#strategy.choose(message, this.#consumers);
      consumer?.give(message, nowMs);
      consumer?.pace.count(1);
      if (consumer !== undefined) given++;
      else if (this.#strategy.passesWaiting) waiting.push(message);
      else {
        waiting.push(...this.#queue.slice(index));
        break;
      }
    }
    this.#queue = waiting;
    this.#options.pace.count(given);
    for (const consumer of this.#consumers) consumer.flush();
    this.#claims.wake();
  }

  /** How many events to claim. */
  get #wanted(): number {
    if (this.#settler.backlog > MAX_BACKLOG || this.#consumers.length === 0) return 0;
    const { events } = this.#readAhead;
    if (this.#queue.length > events / 2) return 0;
    return this.#readAhead.toClaim(events - this.#queue.length + this.#consumers.reduce((sum, { room }) => sum + room, 0));
  }

  async #take(deliveries: readonly Delivery[]): Promise<void> {
    const { maker } = this.#options;
    let isMade = false;
    try {
      await this.#gate.look();
      const made = await messagesOf(maker, deliveries, this.#ended.signal);
      isMade = true;
      const { messages, passed, left } = made;
      this.#readAhead.learn(deliveries, made);
      this.#settler.skip(passed);
      this.#settler.release(left);
      if (this.#queue.length === 0 && this.#consumers.some(({ room }) => room > 0)) this.#readAhead.starved();
      this.#queue.push(...messages);
      this.#push();
    } finally {
      // Where they cannot be made messages of, nobody has seen them.
      if (!isMade) this.#settler.release(deliveries);
    }
  }

  /** What was sent before that, and is not answered, comes again. */
  #endTimes(sentBeforeMs: number | undefined): void {
    this.#readAhead.calm();
    if (sentBeforeMs === undefined) return;
    let isLate = false;
    for (const consumer of this.#consumers) {
      for (const message of consumer.inFlight.values()) {
        if (message.sentMs > sentBeforeMs) break;
        consumer.take(message.id);
        isLate = true;
        this.#again(message, `Its consumer did not answer within ${this.kept.settings.messageTimeoutMs} ms.`);
      }
    }
    if (isLate) this.#push();
  }

  *#held(): Iterable<Message> {
    yield* this.#queue;
    for (const consumer of this.#consumers) yield* consumer.inFlight.values();
  }

  /** A message is another's by now. */
  #lose(lost: DeliveryRef): void {
    const isLost = ({ position, fence }: Message): boolean => position === lost.position && fence === lost.fence;
    this.#queue = this.#queue.filter((message) => !isLost(message));
    for (const consumer of this.#consumers) consumer.lose(isLost);
    this.#push();
  }
}

function taken(consumer: Consumer, ids: readonly string[]): readonly Message[] {
  return ids.map((id) => consumer.take(id)).filter((message) => message !== undefined);
}
