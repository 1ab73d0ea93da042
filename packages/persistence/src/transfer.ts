import type { Position } from "@reactive-domain/core";
import type { CallOptions } from "./read.ts";
import type { RecordedEventFields } from "./recorded-event.ts";
import type { StoreRecord } from "./store-record.ts";

/** All events of a log behind one place and up to another, as they are recorded there. */
export interface EventsPart {
  readonly kind: "events";
  /** Which log they are of. */
  readonly log: string;
  /** `null`: from its beginning. */
  readonly after: Position | null;
  /** In the order of the log. Events that were scavenged are not among them. */
  readonly events: readonly RecordedEventFields[];
  /** Every event up to here is in this part, or before it; `null` for an empty log. */
  readonly upTo: Position | null;
}

/** Some of the records of a store, as they were at one moment. */
export interface RecordsPart {
  readonly kind: "records";
  /** Which log they belong to. */
  readonly log: string;
  /** Names the moment: all parts of one round are of the same one. */
  readonly round: string;
  /** Which part of the round this is, from 0. */
  readonly index: number;
  /** The first of a round is the {@link LogRecord}; a group stands before its entries, and these in the order of the log. */
  readonly records: readonly StoreRecord[];
  /** Whether the round ends with it. */
  readonly isLast: boolean;
}

/** What is handed from one store to another. */
export type TransferPart = EventsPart | RecordsPart;

/** How far a store is that takes over what another one holds. */
export interface CopyProgress {
  /** Every event up to here has been taken; `null` before the first. */
  readonly upTo: Position | null;
  /** The round of records that was begun last; `null` when events were taken since. */
  readonly round: string | null;
  /** Which part of the round is the next to be taken. */
  readonly nextPart: number;
  /** Whether the store is as the other one was at the moment of the round. */
  readonly isLevel: boolean;
}

/** Which log a store holds, and whether it is a copy. */
export interface TransferStatus {
  /** Names the log. A copy has the name of what it was copied from: it is the same log, continued elsewhere. */
  readonly log: string;
  /** The position of the last event ever written; `null` before the first. */
  readonly head: Position | null;
  /** Whether nothing was ever kept in it: only then a copy may begin. */
  readonly isEmpty: boolean;
  /** For a store that was copied, until it is first changed by anything else; `null` otherwise. */
  readonly copy: CopyProgress | null;
}

/**
 * Hands out everything that a store holds, and takes it in, with nothing changed: positions, versions, times, tokens. {@link copyStore} brings both together.
 *
 * While a copy is not level, everything that would change the store otherwise is refused with `copy-under-way`. Once it is level, the first such change makes the
 * log its own: it takes nothing more. From then on the store that it was copied from must not be written any more: two would give the same positions.
 */
export interface Transfer {
  status(options?: CallOptions): Promise<TransferStatus>;
  /** The records of this moment, in parts of bounded size. What is written meanwhile is not among them. */
  records(options?: CallOptions): AsyncIterable<RecordsPart>;
  /**
   * Takes a part: events behind those that were taken, or the next records of a round. One that was taken before changes nothing. A round replaces all records of
   * the last one; it begins when every event up to the head that it tells was taken.
   *
   * Errors: `transfer-refused` (the store is not empty, or a copy of another log; a part is missing before this one), `invalid-write`, `not-supported` for records
   * of what the store lacks.
   */
  take(part: TransferPart, options?: CallOptions): Promise<CopyProgress>;
}
