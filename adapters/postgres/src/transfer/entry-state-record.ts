import type { EntryStateRecord } from "@reactive-domain/persistence";
import { EntryState } from "@reactive-domain/persistence/adapter";
import { withoutNul } from "../content.ts";
import type { TextRow } from "../database.ts";

/** The columns that say what an entry is up to. */
export const ENTRY_STATE_COLUMNS = "e.state, e.due, e.at, e.is_suspect, e.is_alone, e.consumer, e.fence, e.error, e.parked_at";

/** What an entry is up to, without what follows from those before it. */
export function entryState([state, due, at, isSuspect, isAlone, consumer, fence, error, parkedAt]: TextRow): EntryStateRecord {
  if (Number(state) === EntryState.claimed)
    return {
      kind: "claimed",
      consumer: consumer ?? "",
      fence: Number(fence),
      untilMs: Number(at),
      isAlone: isAlone === "t",
      isTrial: isSuspect === "t",
    };
  if (Number(state) === EntryState.parked) return { kind: "parked", error: error ?? "", atMs: Number(parkedAt) };
  return { kind: "waiting", dueMs: Number(due), isSuspect: isSuspect === "t" };
}

/** The columns of an entry, but for what follows from those before it, as JSON data. */
export function entryColumns(state: EntryStateRecord): Record<string, unknown> {
  if (state.kind === "claimed") {
    const { consumer, fence, untilMs, isAlone, isTrial } = state;
    return { state: EntryState.claimed, due: 0, at: untilMs, is_suspect: isTrial, is_alone: isAlone, consumer, fence };
  }
  if (state.kind === "parked")
    return {
      state: EntryState.parked,
      due: 0,
      at: 0,
      is_suspect: false,
      error: withoutNul(state.error),
      parked_at: state.atMs,
    };
  // Where nothing is before it; the next claim wakes it when its time has come.
  return state.isSuspect
    ? { state: EntryState.suspect, due: state.dueMs, at: 0, is_suspect: true }
    : { state: EntryState.delayed, due: state.dueMs, at: state.dueMs, is_suspect: false };
}
