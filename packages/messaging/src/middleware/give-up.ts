import { waitWith } from "@reactive-domain/core";
import { MessageCanceled } from "../errors.ts";
import { classOf, type MessageBase } from "../message.ts";

/** Waits for something that calls back, on behalf of a message. Errors: `message-canceled` when the signal aborts first. */
export async function waitFor(
  message: MessageBase,
  signal: AbortSignal | undefined,
  start: (done: () => void) => () => void,
): Promise<void> {
  try {
    await waitWith(signal, start);
  } catch (error) {
    // Also what is aborted with the error of a wait is told as what it is.
    throw signal?.aborted === true ? canceled(message, signal) : error;
  }
}

/** Errors: `message-canceled`. */
export function refuseAborted(message: MessageBase, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw canceled(message, signal);
}

function canceled(message: MessageBase, { reason }: AbortSignal): MessageCanceled {
  return new MessageCanceled(classOf(message).type, reason);
}
