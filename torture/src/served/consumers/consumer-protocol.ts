import type { Fate, GroupName } from "./fates.ts";

/** An event that a consumer was given. */
export interface Taking {
  readonly group: GroupName;
  readonly key: string;
  /** How often it was given to anybody before. */
  readonly attempt: number;
  /** What the consumer does about it. `ack`: what follows from it is done. */
  readonly does: Fate;
  /** The process, the consumer and its connection. */
  readonly by: string;
  readonly atMs: number;
}

/** What a process with consumers is told to do, on its first line. */
export interface ConsumerOrders {
  /** Its place among the processes, and how many there were before it at that place. */
  readonly slot: number;
  readonly life: number;
  readonly seed: number;
  /** Of all servers. */
  readonly urls: readonly string[];
  /** Keys of parked events that have been replayed. Each further line has more of them. */
  readonly replayed: readonly string[];
  readonly sabotage: string | null;
  /** What it is to do again though it was done: a planted fault. */
  readonly repeated: Taking | null;
}

/** What a process with consumers tells, one line of JSON each. */
export type ConsumerReport =
  /** Told before the answer. */
  | { readonly kind: "took"; readonly taking: Taking }
  /** A connection has ended. */
  | { readonly kind: "broken"; readonly why: string; readonly atMs: number }
  /** It could do nothing for a while. */
  | { readonly kind: "stalled"; readonly fromMs: number; readonly toMs: number }
  /** A planted fault waits for the end of the process. `place`: of its event in the log. */
  | { readonly kind: "planted"; readonly taking: Taking; readonly place: number }
  | { readonly kind: "fault"; readonly what: string };

/** Ends the name of who does again what was done. */
export const REPEATED = ".repeated";

/** Milliseconds by a clock that all processes of a machine share. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
