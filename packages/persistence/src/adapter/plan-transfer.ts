import type { Position } from "@reactive-domain/core";
import { TransferRefused } from "../errors.ts";
import type { CopyProgress, EventsPart, RecordsPart, TransferPart, TransferStatus } from "../transfer.ts";

/** The progress of a copy that has not begun. */
export const NOTHING_TAKEN: CopyProgress = { upTo: null, round: null, nextPart: 0, isLevel: false };

/**
 * Decides about a part that a store is to take: the progress once it has taken it, or `undefined` where it has done so before.
 *
 * Errors: `transfer-refused`.
 */
export function planTransfer(part: TransferPart, store: string, status: TransferStatus): CopyProgress | undefined {
  refuseForeign(part, store, status);
  const progress = status.copy ?? NOTHING_TAKEN;
  return part.kind === "events" ? planEvents(part, store, progress) : planRecords(part, store, progress);
}

/** What of a part's events was not taken before. */
export function leftToTake({ events }: EventsPart, { copy }: Pick<TransferStatus, "copy">): EventsPart["events"] {
  const taken = placeOf(copy?.upTo ?? null);
  return events.filter(({ position }) => position > taken);
}

function refuseForeign({ log }: TransferPart, store: string, status: TransferStatus): void {
  if (status.copy !== null && status.log === log) return;
  const advice = "Take an empty store";
  if (status.copy !== null) throw new TransferRefused(store, "is a copy of another log", advice);
  if (status.log === log)
    throw new TransferRefused(store, "holds this log itself: it is the same store, or a copy that was written since", advice);
  if (!status.isEmpty) throw new TransferRefused(store, "is not empty", advice);
}

function planEvents({ after, upTo }: EventsPart, store: string, progress: CopyProgress): CopyProgress | undefined {
  if (placeOf(upTo) <= placeOf(progress.upTo)) return undefined;
  if (placeOf(after) > placeOf(progress.upTo)) throw missing(store, `the events behind ${placeText(progress.upTo)}`);
  return { ...NOTHING_TAKEN, upTo };
}

function planRecords(part: RecordsPart, store: string, progress: CopyProgress): CopyProgress | undefined {
  const { round, index, isLast } = part;
  const expected = round === progress.round ? progress.nextPart : 0;
  if (index < expected) return undefined;
  if (index > expected) throw missing(store, `part ${expected} of the records`);
  if (index === 0) refuseOtherHead(part, store, progress);
  return { upTo: progress.upTo, round, nextPart: index + 1, isLevel: isLast };
}

/** Records tell of events: they are of the moment at which the log ended there. */
function refuseOtherHead({ records: [first] }: RecordsPart, store: string, { upTo }: CopyProgress): void {
  const head = first?.kind === "log" ? first.head : null;
  if (placeOf(head) > placeOf(upTo)) throw missing(store, `the events behind ${placeText(upTo)}`);
  if (placeOf(head) < placeOf(upTo))
    throw new TransferRefused(
      store,
      `has the events up to ${placeText(upTo)}, and the log that it is a copy of ends at ${placeText(head)}: it has lost its end, as a restored backup does`,
      "Take an empty store",
    );
}

function missing(store: string, what: string): TransferRefused {
  return new TransferRefused(store, `has not taken ${what} yet`, "Hand over the parts in their order");
}

function placeOf(position: Position | null): number {
  return position ?? -1;
}

function placeText(position: Position | null): string {
  return position === null ? "its beginning" : `position ${position}`;
}
