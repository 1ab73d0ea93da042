import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { principalOf, type Principal } from "../access/principal.ts";
import type { ServerContext } from "../server-context.ts";
import type { ReadSlots } from "../streams/read-slots.ts";
import { answer } from "../wire/answer.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { streamName, type WireStream } from "../wire/stream-name.ts";
import { WHOLE_LOG } from "./kept-subscription.ts";
import type { PersistentSubscriptions } from "./persistent-subscriptions.ts";
import { readSubscription } from "./read-subscription.ts";
import { keyOf, termsOf, type KeyRequest, type TermsRequest } from "./subscription-requests.ts";

interface ReplayRequest {
  readonly options?: (NonNullable<KeyRequest["options"]> & { readonly stop_at?: string; readonly no_limit?: object | null }) | null;
}

interface ListRequest {
  readonly options?: {
    readonly list_all_subscriptions?: object | null;
    readonly list_for_stream?: { readonly stream?: WireStream | null; readonly all?: object | null } | null;
  } | null;
}

/** What answers the calls of the service. */
export function subscriptionCalls(
  context: ServerContext,
  { subscriptions, slots }: { readonly subscriptions: PersistentSubscriptions; readonly slots: ReadSlots },
): UntypedServiceImplementation {
  return {
    Create: unary<TermsRequest>(async (principal, request) => {
      const { key, terms } = termsOf(request);
      await subscriptions.create(principal, key, terms);
      return {};
    }),
    Update: unary<TermsRequest>(async (principal, request) => {
      const { key, terms } = termsOf(request);
      await subscriptions.update(principal, key, terms);
      return {};
    }),
    Delete: unary<KeyRequest>(async (principal, request) => {
      await subscriptions.delete(principal, keyOf(request));
      return {};
    }),
    GetInfo: unary<KeyRequest>(async (principal, request) => ({
      subscription_info: await subscriptions.info(principal, keyOf(request)),
    })),
    ReplayParked: unary<ReplayRequest>(async (principal, request) => {
      await subscriptions.replayParked(principal, keyOf(request), stopAtOf(request));
      return {};
    }),
    List: unary<ListRequest>(async (principal, request) => ({ subscriptions: await subscriptions.list(principal, listedStream(request)) })),
    RestartSubsystem: unary<object>(async (principal) => {
      await subscriptions.restart(principal);
      return {};
    }),
    Read: readSubscription(context, { subscriptions, slots }),
  };
}

function unary<Request>(work: (principal: Principal, request: Request) => Promise<object>) {
  return (call: ServerUnaryCall<Request, object>, callback: sendUnaryData<object>): void => {
    void answer((async () => work(principalOf(call), call.request))(), callback);
  };
}

/** 0 is a number as good as others: nothing is replayed. */
function stopAtOf({ options }: ReplayRequest): number | undefined {
  if (options?.stop_at === undefined) return undefined;
  const stopAt = Number(options.stop_at);
  if (stopAt < 0) throw invalidArgument(`The number at which to stop must be an integer from 0, but is ${options.stop_at}.`);
  return stopAt;
}

function listedStream({ options }: ListRequest): string | undefined {
  if (options?.list_all_subscriptions) return undefined;
  const listed = options?.list_for_stream;
  if (!listed) throw invalidArgument("The request does not say which subscriptions to list. Say all, or those to a stream.");
  return listed.all ? WHOLE_LOG : streamName(listed.stream);
}
