/** What a persistent subscription is of, where it is of the whole log. */
export const WHOLE_LOG = "$all";

/** Which persistent subscription: to a stream or the whole log, and by which name. */
export interface GroupKey {
  readonly stream: string;
  readonly group: string;
}

/** The stream in which a server keeps what is parked. */
export function parkedStreamOf({ stream, group }: GroupKey): string {
  return `$persistentsubscription-${stream}::${group}-parked`;
}
