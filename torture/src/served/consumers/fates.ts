import { hashOf } from "../../random.ts";

/** A persistent subscription that the consumers of a run share. */
export type GroupName = "readers" | "sorters";

/** What is to become of an event: it is acknowledged, refused with `retry` at first, left without an answer at first, or parked until it is replayed. */
export type Fate = "ack" | "retry" | "leave" | "park";

interface Group {
  readonly stream: string;
  /** How many of a hundred events have a fate; the rest is acknowledged. */
  readonly fates: readonly (readonly [fate: Fate, ofHundred: number])[];
}

export const GROUPS: Readonly<Record<GroupName, Group>> = {
  readers: {
    stream: "$ce-entry",
    fates: [
      ["retry", 2],
      ["leave", 2],
    ],
  },
  sorters: {
    stream: "$all",
    fates: [
      ["park", 10],
      ["retry", 15],
      ["leave", 3],
    ],
  },
};

export const GROUP_NAMES: readonly GroupName[] = ["readers", "sorters"];

/** What is not answered within it comes again. */
export const MESSAGE_TIMEOUT_MS = 1_000;

const RETRIES = 2;

/** The key of an event, by its place in its stream. */
export function keyOf({ stream, version }: { readonly stream: string; readonly version: number }): string {
  return `${stream}#${version}`;
}

/** Follows from the key alone, so that all know it beforehand. */
export function fateOf(group: GroupName, key: string): Fate {
  let left = hashOf(`${group} ${key}`) % 100;
  for (const [fate, ofHundred] of GROUPS[group].fates) {
    if (left < ofHundred) return fate;
    left -= ofHundred;
  }
  return "ack";
}

/** What a consumer does about an event that was given out so often before. */
export function answerTo(fate: Fate, attempt: number, isReplayed: boolean): Fate {
  if (fate === "park") return isReplayed ? "ack" : "park";
  return attempt < (fate === "retry" ? RETRIES : 1) ? fate : "ack";
}
