import type { ServerWritableStream } from "@grpc/grpc-js";
import { unlessAborted } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { Batch } from "../batched-messages.ts";
import { isLink } from "../links/link-target.ts";
import { LINKS_AT_ONCE, resolveLinks } from "../links/resolve-links.ts";
import type { ServerContext } from "../server-context.ts";
import type { SeenEvent } from "../views/view.ts";
import { encodeReadEvent, type ReadEntry } from "../wire/encode-read-event.ts";
import type { Principal } from "../access/principal.ts";
import type { ReadPlan } from "./read-plan.ts";
import type { ReadReq } from "./read-request.ts";

export type ReadCall = ServerWritableStream<ReadReq, unknown>;

/** What is sent in the order of the list: events, and messages that are made already. */
export type Outgoing = SeenEvent | { readonly message: object };

/** What is sent, to whom, and until when. */
export interface Sending {
  readonly plan: ReadPlan;
  readonly principal: Principal;
  readonly signal: AbortSignal;
}

/**
 * Sends what is read, and waits until the connection has taken what was sent before: a client that stops reading stops what is read for it, with one page on its way and one ready.
 * The next page is read while the last one is taken, or client and server would wait for each other.
 */
export class ReadSender {
  readonly #context: ServerContext;
  readonly #call: ReadCall;
  readonly #plan: ReadPlan;
  readonly #principal: Principal;
  readonly #signal: AbortSignal;
  #taken: Promise<void> = Promise.resolve();
  /** How many links are resolved together: what they lead to may be many times as large as they are. */
  #linksAtOnce = 1;

  /** Waiting ends when `signal` aborts, with its reason. */
  constructor(context: ServerContext, call: ReadCall, { plan, principal, signal }: Sending) {
    this.#context = context;
    this.#call = call;
    this.#plan = plan;
    this.#principal = principal;
    this.#signal = signal;
  }

  /** The events of a page as clients see them. */
  seen(events: readonly RecordedEvent[]): readonly SeenEvent[] {
    const { view } = this.#plan;
    return events.map((event) => view.show(event)).filter((one) => one !== undefined);
  }

  async send(outgoing: readonly Outgoing[]): Promise<void> {
    if (!this.#plan.resolvesLinks || !outgoing.some(leadsElsewhere)) return this.#write(outgoing.map((one) => this.#encoded(one)));
    for (let index = 0; index < outgoing.length;) {
      const messages = await this.#resolvedPage(outgoing.slice(index, index + this.#linksAtOnce));
      index += messages.length;
      this.#linksAtOnce = Math.min(LINKS_AT_ONCE, 2 * messages.length);
      await this.#write(messages);
    }
    return undefined;
  }

  sendEntries(entries: readonly ReadEntry[]): Promise<void> {
    return this.#write(entries.map((entry) => encodeReadEvent(entry, this.#plan.uuidForm)));
  }

  /** As many of the first as a page may have bytes, one at least. What does not fit is looked up again, and not held while the client takes its time. */
  async #resolvedPage(outgoing: readonly Outgoing[]): Promise<readonly unknown[]> {
    const messages = await this.#resolved(outgoing);
    let bytes = 0;
    const end = messages.findIndex((message, index) => {
      bytes += message instanceof Uint8Array ? message.length : 0;
      return bytes > this.#context.limits.pageBytes && index > 0;
    });
    return end === -1 ? messages : messages.slice(0, end);
  }

  async #resolved(outgoing: readonly Outgoing[]): Promise<readonly unknown[]> {
    const entries = await resolveLinks(
      this.#context,
      outgoing.filter((one) => "event" in one),
      { principal: this.#principal, signal: this.#signal },
    );
    const rest = [...entries];
    return outgoing.map((one) => ("event" in one ? encodeReadEvent(rest.shift() as ReadEntry, this.#plan.uuidForm) : one.message));
  }

  #encoded(one: Outgoing): unknown {
    return "event" in one ? encodeReadEvent(one, this.#plan.uuidForm) : one.message;
  }

  async #write(messages: readonly unknown[]): Promise<void> {
    if (messages.length === 0) return;
    await unlessAborted(this.#taken, this.#signal);
    this.#signal.throwIfAborted();
    this.#taken = new Promise((resolve) => {
      this.#call.write(new Batch(messages), () => resolve());
    });
  }
}

function leadsElsewhere(one: Outgoing): boolean {
  return "event" in one && (one.target !== undefined || isLink(one.event));
}
