/**
 * What an entry of a consumer group is up to, as stores in SQL keep it: a number stays what it is. Of each key the first in line is in any of these states; those
 * behind it are `behind`, or `claimed` together with it.
 */
export const EntryState = {
  /** It may be delivered. */
  ready: 0,
  /** It may be delivered, alone: it was with a consumer that went away. */
  suspect: 1,
  /** It may be delivered from some time on. */
  delayed: 2,
  /** It waits for another of its key. */
  behind: 3,
  claimed: 4,
  parked: 5,
} as const;

export type EntryState = (typeof EntryState)[keyof typeof EntryState];
