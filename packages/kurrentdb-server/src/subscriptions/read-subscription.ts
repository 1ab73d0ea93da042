import type { ServerDuplexStream } from "@grpc/grpc-js";
import { principalOf } from "../access/principal.ts";
import { rightToRead } from "../access/stream-rights.ts";
import type { ServerContext } from "../server-context.ts";
import type { ReadSlots } from "../streams/read-slots.ts";
import type { SubscriptionReadOptions, SubscriptionReadRequest } from "../wire/decode-subscription-read.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import type { Joined, PersistentSubscriptions } from "./persistent-subscriptions.ts";
import { subscriptionDropped } from "./subscription-refusals.ts";
import { groupName } from "./subscription-requests.ts";

export type SubscriptionReadCall = ServerDuplexStream<SubscriptionReadRequest, unknown>;

interface Shared {
  readonly subscriptions: PersistentSubscriptions;
  readonly slots: ReadSlots;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Gives a consumer messages of a persistent subscription, and takes what it says of them. */
export function readSubscription(context: ServerContext, shared: Shared) {
  return (call: SubscriptionReadCall): void => {
    const reading = new SubscriptionReading(call, { ...shared, access: context.access });
    call.on("data", (request: SubscriptionReadRequest) => reading.take(request));
    call.on("end", () => reading.finish());
    call.on("cancelled", () => reading.leave());
  };
}

/** One consumer's call. */
class SubscriptionReading {
  readonly #call: SubscriptionReadCall;
  readonly #shared: Shared & Pick<ServerContext, "access">;
  #joining: Promise<void> | undefined;
  #joined: Joined | undefined;
  #leaveSlot: () => void = () => undefined;
  #stopWatching: () => void = () => undefined;
  #isOver = false;

  constructor(call: SubscriptionReadCall, shared: Shared & Pick<ServerContext, "access">) {
    this.#call = call;
    this.#shared = shared;
  }

  take(request: SubscriptionReadRequest): void {
    if (this.#isOver) return;
    try {
      this.#answer(request);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The consumer says nothing more: it cannot acknowledge any more either. */
  finish(): void {
    if (this.#isOver) return;
    if (this.#joining === undefined) {
      this.#fail(invalidArgument("The call ended before it said which persistent subscription."));
      return;
    }
    this.leave();
    this.#call.end();
  }

  /** The consumer has gone. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leaveSlot();
    this.#stopWatching();
    this.#joined?.runner.detach(this.#joined.consumer);
  }

  #answer({ options, ack, nack }: SubscriptionReadRequest): void {
    if (options !== undefined) {
      if (this.#joining !== undefined) throw invalidArgument("The call says twice which persistent subscription. Begin another call.");
      this.#joining = this.#join(options);
      return;
    }
    if (this.#joining === undefined)
      throw invalidArgument("The call must begin with which persistent subscription, but begins with an acknowledgement.");
    // Nothing has been sent that could be answered.
    if (this.#joined === undefined) return;
    const { runner, consumer } = this.#joined;
    if (ack !== undefined) runner.acknowledge(consumer, checked(ack));
    else if (nack !== undefined) {
      runner.reject(consumer, checked(nack.ids), nack);
      // With an error: clients wait for ever to say more in a call that just ends.
      if (nack.action === "stop") throw subscriptionDropped(runner.kept, "was left by its consumer, which asked to stop.");
    } else throw invalidArgument("The message has neither an acknowledgement nor a refusal in it.");
  }

  async #join(options: SubscriptionReadOptions): Promise<void> {
    try {
      const { key, bufferSize, uuidForm } = understood(options);
      this.#leaveSlot = this.#shared.slots.enter(this.#call.getPeer());
      const call = this.#call;
      const { access, subscriptions } = this.#shared;
      const principal = principalOf(call);
      const { right, of } = rightToRead(key.stream);
      this.#stopWatching = access.watch(principal, right, of, (refusal) => this.#fail(refusal));
      this.#joined = await subscriptions.join(principal, {
        key,
        bufferSize,
        uuidForm,
        call,
        hasLeft: () => this.#isOver,
        onEnd: (error) => this.#fail(error),
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.leave();
    this.#call.emit("error", refusalOf(error));
  }
}

function understood({ stream, group, bufferSize, uuidForm }: SubscriptionReadOptions) {
  if (stream === "") throw invalidArgument("The request names no stream.");
  if (!stream.isWellFormed())
    throw invalidArgument(`The name of the stream must be UTF-8, but ${JSON.stringify(stream)} has bytes that are not.`);
  if (bufferSize < 1) throw invalidArgument(`The buffer size must be an integer from 1, but is ${bufferSize}.`);
  return { key: { stream, group: groupName(group) }, bufferSize, uuidForm };
}

function checked(ids: readonly string[]): readonly string[] {
  const wrong = ids.find((id) => !UUID.test(id));
  if (wrong !== undefined) throw invalidArgument(`The id of an event must be a UUID, but is ${JSON.stringify(wrong.slice(0, 100))}.`);
  return ids;
}
