import { existsSync, readFileSync } from "node:fs";
import type { EventStore } from "@reactive-domain/persistence";
import type { Findings } from "../findings.ts";
import { SLOTS } from "../protocol.ts";
import { EFFECTS, effectKey, JOURNAL, WORK_CALLERS } from "../workload.ts";
import type { LogMirror, Seen } from "./log-mirror.ts";

/** Checkpoints against the work that they speak for. */
export async function verifyProgress(store: EventStore, mirror: LogMirror, journal: string, findings: Findings): Promise<void> {
  await verifyEffects(store, mirror, findings);
  await verifyJournal(store, mirror, { journal, findings });
  for (const slot of SLOTS)
    for (let index = 0; index < WORK_CALLERS; index++) await verifyWorker(store, mirror, { name: `done-${slot}${index}`, findings });
}

async function verifyEffects(store: EventStore, mirror: LogMirror, findings: Findings): Promise<void> {
  const checkpoint = (await store.checkpoint(EFFECTS.name)) ?? -1;
  const effects = new Set(mirror.inCategory("effect").map(({ key }) => key));
  for (const source of mirror.inCategory(EFFECTS.source.category)) {
    const isThere = effects.has(effectKey(EFFECTS.name, source));
    if (source.position <= checkpoint && !isThere)
      findings.add("early", `${EFFECTS.name} is at ${checkpoint}, without the effect of ${source.position}`);
    if (source.position > checkpoint && isThere)
      findings.add("lost", `${EFFECTS.name} is at ${checkpoint}, and its write with the effect of ${source.position} is there by half`);
  }
}

interface JournalPlace {
  readonly journal: string;
  readonly findings: Findings;
}

async function verifyJournal(store: EventStore, mirror: LogMirror, { journal, findings }: JournalPlace): Promise<void> {
  const checkpoint = (await store.checkpoint(JOURNAL.name)) ?? -1;
  const lines = new Set(existsSync(journal) ? readFileSync(journal, "utf8").split("\n") : []);
  const sources = mirror.events.filter(({ type, position }) => type === JOURNAL.source.eventType && position <= checkpoint);
  for (const { id, position } of sources)
    if (!lines.has(`${position} ${id}`)) findings.add("early", `${JOURNAL.name} is at ${checkpoint}, without the line of ${position}`);
}

interface Worker {
  readonly name: string;
  readonly findings: Findings;
}

async function verifyWorker(store: EventStore, mirror: LogMirror, { name, findings }: Worker): Promise<void> {
  const checkpoint = await store.checkpoint(name);
  const work: readonly Seen[] = mirror.inCategory("done").filter(({ stream }) => stream === name);
  const expected = work.at(-2)?.position ?? null;
  if (checkpoint === expected) return;
  const isAhead = (checkpoint ?? -1) > (expected ?? -1);
  findings.add(isAhead ? "early" : "lost", `the checkpoint ${name} is at ${checkpoint}, and its work at ${expected}`);
}
