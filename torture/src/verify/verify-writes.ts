import type { Findings } from "../findings.ts";
import { isRepeating, type LedgerAppend, type LedgerWrite } from "../ledger.ts";
import { SCRAP } from "../scrap.ts";
import type { LogMirror, Seen } from "./log-mirror.ts";

/** How many of the writes that nobody knew the outcome of were done. */
export interface UnknownWrites {
  readonly done: number;
  readonly undone: number;
}

/** Each write against the log: what was acknowledged is there, what was refused is not, and nothing is there by half. */
export function verifyWrites(writes: Iterable<LedgerWrite>, mirror: LogMirror, findings: Findings): UnknownWrites {
  const unknown = { done: 0, undone: 0 };
  const ends = new Map<string, number>();
  for (const write of writes) {
    if (write.appends.length === 0 || write.appends.some(({ stream }) => stream.startsWith(SCRAP))) continue;
    const found = write.appends.flatMap(({ ids }) => ids.map((id) => mirror.byId.get(id)));
    const count = found.filter((seen) => seen !== undefined).length;
    if (write.state === "acknowledged") verifyAcknowledged(write, { mirror, findings, ends });
    else if (!isRepeating(write)) continue;
    else if (write.state === "refused" && count > 0) findings.add("doubled", `${write.id} was refused, and is in the log`);
    else if (write.state === "unknown" && count > 0 && count < found.length) findings.add("lost", `${write.id} is there by half`);
    if (write.state === "unknown") unknown[count === 0 ? "undone" : "done"]++;
  }
  return unknown;
}

interface Place {
  readonly mirror: LogMirror;
  readonly findings: Findings;
  /** The position of the last acknowledged write of each caller. */
  readonly ends: Map<string, number>;
}

function verifyAcknowledged(write: LedgerWrite, { mirror, findings, ends }: Place): void {
  const found = write.appends.map(({ ids }) => ids.map((id) => mirror.byId.get(id)));
  if (found.flat().includes(undefined)) return findings.add("lost", write.id);
  const events = found.flat() as readonly Seen[];
  write.appends.forEach((append, index) => verifyAppend(write, append, found[index] as readonly Seen[], findings));
  if (!isRepeating(write)) return;
  const first = Math.min(...events.map(({ position }) => position));
  if (first <= (ends.get(write.caller) ?? -1)) findings.add("holes", `${write.id} stands before what its caller had written earlier`);
  ends.set(write.caller, Math.max(...events.map(({ position }) => position)));
}

function verifyAppend(write: LedgerWrite, { stream }: LedgerAppend, events: readonly Seen[], findings: Findings): void {
  const inOrder = events.every((event, index) => event.stream === stream && event.version === (events[0]?.version ?? 0) + index);
  if (!inOrder && isRepeating(write)) findings.add("holes", `the events of ${write.id} in ${stream} do not follow each other`);
  const told = write.result?.streams.find((result) => result.stream === stream);
  const last = events.at(-1);
  if (told === undefined || write.result?.repeated === true) return;
  if (last?.version !== told.version || last.position !== told.position)
    findings.add("lost", `${write.id} is not where its writer was told, at version ${told.version} of ${stream}`);
}
