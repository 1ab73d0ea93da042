import type { TransportMessage } from "../transport-message.ts";

/** An accepted message on its way to being handled or parked. */
export interface Delivery {
  /** Its place in the channel. */
  readonly sequence: number;
  readonly message: TransportMessage;
  /** How often it was brought to a handler. */
  attempts: number;
  /** Not to be brought to a handler before this, by the monotonic clock. */
  dueMs: number;
}
