import type { EntryStateRecord } from "@reactive-domain/persistence";
import { EntryState } from "@reactive-domain/persistence/adapter";

/** The columns of an entry that say what it is up to. */
export interface EntryStateRow {
  readonly state: EntryState;
  readonly due: number;
  readonly at: number;
  readonly isSuspect: 0 | 1;
  readonly isAlone: 0 | 1 | null;
  readonly consumer: string | null;
  readonly fence: number | null;
  readonly error: string | null;
  readonly parkedAt: number | null;
}

/** What an entry is up to, without what follows from those before it. */
export function entryStateRecord(row: EntryStateRow): EntryStateRecord {
  const isSuspect = row.isSuspect === 1;
  if (row.state === EntryState.claimed)
    return {
      kind: "claimed",
      consumer: row.consumer ?? "",
      fence: row.fence ?? 0,
      untilMs: row.at,
      isAlone: row.isAlone === 1,
      isTrial: isSuspect,
    };
  if (row.state === EntryState.parked) return { kind: "parked", error: row.error ?? "", atMs: row.parkedAt ?? 0 };
  return { kind: "waiting", dueMs: row.due, isSuspect };
}

/** The row of an entry. `isFirst`: nothing of its key is in line before it. */
export function entryStateRow(state: EntryStateRecord, isFirst: boolean): EntryStateRow {
  const nobody = { isAlone: null, consumer: null, fence: null, error: null, parkedAt: null } as const;
  if (state.kind === "claimed") {
    const { consumer, fence, untilMs } = state;
    const [isSuspect, isAlone] = [state.isTrial ? 1 : 0, state.isAlone ? 1 : 0] as const;
    return { ...nobody, state: EntryState.claimed, due: 0, at: untilMs, isSuspect, isAlone, consumer, fence };
  }
  if (state.kind === "parked")
    return { ...nobody, state: EntryState.parked, due: 0, at: 0, isSuspect: 0, error: state.error, parkedAt: state.atMs };
  const waiting = { ...nobody, due: state.dueMs, isSuspect: state.isSuspect ? 1 : 0 } as const;
  if (!isFirst) return { ...waiting, state: EntryState.behind, at: 0 };
  // The next claim wakes it where its time has come.
  return state.isSuspect ? { ...waiting, state: EntryState.suspect, at: 0 } : { ...waiting, state: EntryState.delayed, at: state.dueMs };
}
