import { status } from "@grpc/grpc-js";
import { onAbort } from "@reactive-domain/core";
import { principalOf } from "../access/principal.ts";
import { rightToRead } from "../access/stream-rights.ts";
import { SlowExpressions } from "../filters/slow-expressions.ts";
import type { ServerContext } from "../server-context.ts";
import { TombstoneWatch } from "../views/tombstone-watch.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { Refusal } from "../wire/refusal.ts";
import { follow } from "./follow.ts";
import { readOnce } from "./read-once.ts";
import { readPlan } from "./read-plan.ts";
import { ReadSender, type ReadCall } from "./read-sender.ts";
import type { ReadSlots } from "./read-slots.ts";
import { stoppingRefusal } from "./stopping-refusal.ts";

/** Reads a stream or the log, or follows it. */
export function read(context: ServerContext, slots: ReadSlots) {
  const tombstones = new TombstoneWatch(context);
  const slow = new SlowExpressions(context.runtime.clock);
  return (call: ReadCall): void => {
    answer(context, call, { slots, tombstones, slow }).then(
      () => call.end(),
      (error: unknown) => call.emit("error", refusalOf(error)),
    );
  };
}

interface Shared {
  readonly slots: ReadSlots;
  readonly tombstones: TombstoneWatch;
  readonly slow: SlowExpressions;
}

async function answer(context: ServerContext, call: ReadCall, { slots, tombstones, slow }: Shared): Promise<void> {
  if (context.stopping.aborted) throw stoppingRefusal();
  const plan = readPlan(call.request, slow);
  const leave = slots.enter(call.getPeer());
  const ended = new AbortController();
  call.on("cancelled", () => ended.abort(new Refusal(status.CANCELLED, "The client has left.")));
  // A read has an end of its own, and is given time to reach it.
  const stopListening = plan.isSubscription ? onAbort(context.stopping, () => ended.abort(stoppingRefusal())) : undefined;
  const { signal } = ended;
  const principal = principalOf(call);
  const sender = new ReadSender(context, call, { plan, principal, signal });
  const work = { context, plan, sender, principal, signal };
  const { right, of } = rightToRead(plan.view.name ?? "$all");
  const unwatch = context.access.watch(principal, right, of, (refusal) => ended.abort(refusal));
  try {
    await context.access.toStream(principal, right, of);
    if (!plan.isSubscription) return await readOnce(work);
    return await follow(work, tombstones, (refusal) => ended.abort(refusal));
  } finally {
    leave();
    unwatch();
    stopListening?.();
  }
}
