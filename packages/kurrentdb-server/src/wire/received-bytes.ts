const MIB = 1024 * 1024;
const LEAST = 16 * MIB;
/** What an event costs in memory beside what was sent of it. */
const BYTES_PER_EVENT = 128;

/** How much the server holds of what was sent: names count, and events with nothing in them. */
export function heldBytes(sentBytes: number, events: number): number {
  return sentBytes + events * BYTES_PER_EVENT;
}

/** How much of one append is held before it is whole: names and types are not counted as what may be appended, and still must not be without a bound. */
export function mostHeldBytes(maxAppendBytes: number): number {
  return Math.max(LEAST, 2 * maxAppendBytes);
}
