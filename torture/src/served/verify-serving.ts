import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import type { Findings } from "../findings.ts";
import type { ConsumingLedger } from "./consumers/consuming-ledger.ts";
import { verifyConsuming, type Again } from "./consumers/verify-consuming.ts";
import type { Seen, ServingLedger } from "./serving-ledger.ts";

const NEVER_AGAIN: Again = { planned: 0, unplanned: 0 };

/** What there is to hold against the log. */
export interface ServingLedgers {
  readonly ledger: ServingLedger;
  readonly consuming: ConsumingLedger | undefined;
}

export interface Verified {
  /** How many events of the clients the log has. */
  readonly events: number;
  readonly again: Again;
}

/** Holds what clients were told, and what subscribers saw and consumers did, against the log. */
export async function verifyServing(store: EventStore, { ledger, consuming }: ServingLedgers, findings: Findings): Promise<Verified> {
  const all = await eventsOf(store);
  const log = all.filter(({ type }) => !type.startsWith("$"));
  verifyIds(log, ledger, findings);
  verifyVersions(log, findings);
  const byId = new Map(log.map((event) => [event.id, event]));
  for (const { id, stream, revision, position } of ledger.acknowledged) {
    const event = byId.get(id);
    if (event?.stream !== stream || event.version !== revision || event.position !== position)
      findings.add("lost", `the event ${id} was said to be ${stream}#${revision} at ${position}, and is not`);
  }
  for (const [subscriber, seen] of ledger.seen) verifySeen(subscriber, seen, log, findings);
  const again = consuming === undefined ? NEVER_AGAIN : verifyConsuming({ entries: log, all }, consuming, findings);
  return { events: log.length, again };
}

async function eventsOf(store: EventStore): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const event of store.read({ all: true })) all.push(event);
  return all;
}

function verifyIds(log: readonly RecordedEvent[], { sent }: ServingLedger, findings: Findings): void {
  const ids = new Set<string>();
  for (const { id, position } of log) {
    if (ids.has(id)) findings.add("doubled", `the event ${id} is in the log again, at ${position}`);
    if (!sent.has(id)) findings.addFault(`nobody has sent the event ${id} at ${position}`);
    ids.add(id);
  }
}

function verifyVersions(log: readonly RecordedEvent[], findings: Findings): void {
  const next = new Map<string, number>();
  for (const { stream, version } of log) {
    const expected = next.get(stream) ?? 0;
    if (version !== expected) findings.add("holes", `${stream} has version ${version} where ${expected} is to be`);
    next.set(stream, version + 1);
  }
}

function verifySeen(subscriber: string, seen: readonly Seen[], log: readonly RecordedEvent[], findings: Findings): void {
  const times = new Map<number, number>();
  let before = -1;
  for (const { position } of seen) {
    times.set(position, (times.get(position) ?? 0) + 1);
    if (position < before) findings.addFault(`${subscriber} saw ${position} after ${before}`);
    before = position;
  }
  for (const { position } of log) {
    const count = times.get(position) ?? 0;
    if (count === 0) findings.add("lost", `${subscriber} has not seen the event at ${position}`);
    if (count > 1) findings.add("doubled", `${subscriber} saw the event at ${position} ${count} times`);
  }
}
