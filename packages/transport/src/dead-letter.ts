import { copyMessage, type TransportMessage } from "./transport-message.ts";

/** A message that was given up after its last attempt, and is kept for somebody to look at. */
export interface DeadLetter {
  readonly channel: string;
  readonly message: TransportMessage;
  /** What the handler threw the last time. */
  readonly error: unknown;
  /** How often it was brought to a handler. */
  readonly attempts: number;
}

/** A dead letter that nobody changes any more. */
export function copyDeadLetter({ channel, message, error, attempts }: DeadLetter): DeadLetter {
  return Object.freeze({ channel, message: copyMessage(message), error, attempts });
}
