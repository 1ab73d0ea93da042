import type { DeliveryRef } from "@reactive-domain/persistence";
import type { ReadEntry } from "../wire/encode-read-event.ts";

/** An event that the server holds for the consumers of a subscription. */
export interface Message extends DeliveryRef {
  /** By which consumers name it: that of the link, where there is one. */
  readonly id: string;
  /** Which delivery this is, from 1. */
  readonly attempt: number;
  /** The revision, or the position, by which the subscription counts. */
  readonly number: number;
  /** Where the event is, as links say it. */
  readonly place: string;
  /** What keeps it with one consumer, where the strategy pins. */
  readonly pin: string;
  /** What is sent; dropped when it is. */
  entry: ReadEntry | undefined;
  /** When it was sent, by the monotonic clock. */
  sentMs: number;
}
