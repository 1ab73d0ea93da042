import { warn } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import type { Entry } from "./entry.ts";
import type { QueueSettings } from "./queue-options.ts";

/** Tells of a handler that threw. Who is told of it must not fail the queue. */
export async function reportFailure<M extends MessageBase>(
  { name, onFailure }: QueueSettings<M>,
  entries: readonly Entry<M>[],
  error: unknown,
): Promise<void> {
  if (onFailure === undefined) {
    if (entries.some(({ caller }) => caller === undefined)) warn(error);
    return;
  }
  try {
    await onFailure({ queue: name, messages: entries.map(({ message }) => message), error });
  } catch (failure) {
    // Who was to be told of it may not have heard it.
    warn(error);
    warn(failure);
  }
}
