import { convertToCommandError, KurrentDBClient } from "@kurrent/kurrentdb-client";
import subscriptions from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_grpc_pb.js";
import type { PersistentSubscriptionsClient } from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_grpc_pb.js";
import messages from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_pb.js";
import type { ReadReq, ReadResp } from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_pb.js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import { WHOLE_LOG, type GroupKey } from "./group-key.ts";
import type { WireRecord } from "./read-events.ts";

/** What a persistent subscription sends. */
export interface Arrival {
  /** `undefined` where it is a link to what is gone. */
  readonly record: WireRecord | undefined;
  /** By what it is settled. */
  readonly id: string;
  /** How often KurrentDB has sent it before. */
  readonly retries: number;
}

export interface GroupCallOptions {
  /** The most that it sends before some is settled. */
  readonly bufferSize: number;
  readonly onArrival: (arrival: Arrival) => void;
  /** The call has ended, otherwise than by {@link GroupCall.end}, with an error of the client's. Called once, after it was there. */
  readonly onEnd: (error: unknown) => void;
}

type Call = ReturnType<PersistentSubscriptionsClient["read"]>;

/** How many ids a message has at most: servers do not take any number. */
const MAX_IDS = 500;

/** A persistent subscription that this process takes part in, below the client's interface: what that gives has JSON that was parsed. */
export class GroupCall {
  readonly #call: Call;
  #unsent = 0;
  #waiting: (() => void)[] = [];
  #isEnded = false;

  private constructor(call: Call) {
    this.#call = call;
  }

  /** Resolves when the server has let this process in. Errors: the client's. */
  static async open(client: KurrentDBClient, key: GroupKey, { bufferSize, onArrival, onEnd }: GroupCallOptions): Promise<GroupCall> {
    const call = await Access.read(client);
    const own = new GroupCall(call);
    return new Promise((resolve, reject) => {
      let isThere = false;
      const end = (error: unknown): void => {
        if (own.#isEnded) return;
        own.#isEnded = true;
        own.#tellFlushed();
        if (isThere) onEnd(error);
        else reject(error instanceof Error ? error : new Error("The server has ended the call before it began."));
      };
      call.on("error", (error: Error) => end(convertToCommandError(error)));
      call.on("end", () => end(undefined));
      call.on("data", (response: ReadResp) => {
        if (response.hasSubscriptionConfirmation()) {
          isThere = true;
          resolve(own);
        }
        const event = response.getEvent();
        if (event !== undefined && !own.#isEnded) onArrival(arrivalOf(event));
      });
      call.write(openingRequest(key, bufferSize));
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  acknowledge(ids: readonly string[]): void {
    for (let from = 0; from < ids.length; from += MAX_IDS) {
      const ack = new messages.ReadReq.Ack().setIdsList(ids.slice(from, from + MAX_IDS).map(uuidOf));
      this.#send(new messages.ReadReq().setAck(ack));
    }
  }

  park(id: string, reason: string): void {
    const { Nack } = messages.ReadReq;
    this.#send(
      new messages.ReadReq().setNack(
        new Nack()
          .setIdsList([uuidOf(id)])
          .setAction(Nack.Action.PARK)
          .setReason(reason),
      ),
    );
  }

  /** Resolves when all that was told is on its way, or will never be. */
  async flushed(): Promise<void> {
    if (this.#unsent === 0 || this.#isEnded) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  end(): void {
    this.#isEnded = true;
    this.#call.cancel();
    this.#tellFlushed();
  }

  #send(request: ReadReq): void {
    if (this.#isEnded) return;
    this.#unsent++;
    // A call that is broken off tells it as an error of its own, and gives all that was not settled to others.
    this.#call.write(request, () => {
      if (--this.#unsent === 0) this.#tellFlushed();
    });
  }

  #tellFlushed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell();
  }
}

/** What the client keeps for those who derive from it. */
class Access extends KurrentDBClient {
  static read(client: Access): Promise<Call> {
    return client.GRPCStreamCreator(subscriptions.PersistentSubscriptionsClient, "subscribeToPersistentSubscription", (calls) =>
      calls.read(...client.callArguments({}, { deadline: Infinity })),
    )();
  }
}

function openingRequest(key: GroupKey, bufferSize: number): ReadReq {
  const { Options } = messages.ReadReq;
  const options = new Options();
  if (key.stream === WHOLE_LOG) options.setAll(new shared.Empty());
  else options.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(key.stream)));
  options.setGroupName(key.group);
  options.setBufferSize(bufferSize);
  options.setUuidOption(new Options.UUIDOption().setString(new shared.Empty()));
  return new messages.ReadReq().setOptions(options);
}

function arrivalOf(event: ReadResp.ReadEvent): Arrival {
  const record = event.getEvent();
  const id = (event.getLink() ?? record)?.getId()?.getString() ?? "";
  return { record, id, retries: event.hasRetryCount() ? event.getRetryCount() : 0 };
}

function uuidOf(id: string): ReturnType<typeof newUuid> {
  return newUuid().setString(id);
}

function newUuid() {
  return new shared.UUID();
}
