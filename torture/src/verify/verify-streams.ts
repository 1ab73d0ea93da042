import type { EventStore, ReadSource } from "@reactive-domain/persistence";
import type { Findings } from "../findings.ts";
import { groupedBy } from "../grouped-by.ts";
import type { Ledger } from "../ledger.ts";
import { CLEANER, SCRAP, scrapStep, shownVersions, type ScrapLife } from "../scrap.ts";
import { TYPES } from "../workload.ts";
import type { LogMirror, Seen } from "./log-mirror.ts";

/** Every stream, category and type tells the same as the log. */
export async function verifySources(store: EventStore, mirror: LogMirror, findings: Findings): Promise<void> {
  const streams = groupedBy(mirror.events, ({ stream }) => stream);
  for (const [stream, events] of streams) if (!stream.startsWith(SCRAP)) await verifySource(store, { stream }, events, findings);
  for (const [category, eventType] of Object.entries(TYPES)) {
    const events = mirror.inCategory(category);
    await verifySource(store, { category }, events, findings);
    await verifySource(store, { eventType }, events, findings);
  }
}

async function verifySource(store: EventStore, source: ReadSource, expected: readonly Seen[], findings: Findings): Promise<void> {
  const name = JSON.stringify(source);
  let count = 0;
  for await (const { id, position } of store.read(source)) {
    const event = expected[count++];
    if (event?.id !== id)
      return findings.add(event === undefined ? "doubled" : "lost", `${name} has ${id} at ${position}, and the log another`);
  }
  if (count < expected.length) findings.add("lost", `${name} ends before ${expected[count]?.id}, which is in the log`);
}

/** Streams that were hidden and scavenged show what they are to show. */
export async function verifyScrap(store: EventStore, ledger: Ledger, findings: Findings): Promise<void> {
  for (const [life, steps] of livesOf(ledger)) {
    const versions: number[] = [];
    for await (const { version } of store.read({ stream: life.stream })) versions.push(version);
    const expected = shownVersions(life, steps);
    if (versions.join() === expected.join()) continue;
    findings.add("lost", `${life.stream} shows the versions ${versions.join()} instead of ${expected.join()} after ${steps} steps`);
  }
}

/** How far each life was acknowledged to have come. */
function livesOf(ledger: Ledger): ReadonlyMap<ScrapLife, number> {
  const lives = new Map<string, [ScrapLife, number]>();
  for (const { caller, number, state } of ledger.writes) {
    if (!caller.endsWith(`.${CLEANER}`) || state !== "acknowledged") continue;
    const { life, step } = scrapStep(number);
    lives.set(life.stream, [life, Math.max(step + 1, lives.get(life.stream)?.[1] ?? 0)]);
  }
  return new Map(lives.values());
}

/** The last snapshot of each name is not behind what was acknowledged, and belongs to an event that is there. */
export async function verifySnapshots(store: EventStore, ledger: Ledger, mirror: LogMirror, findings: Findings): Promise<void> {
  const acknowledged = new Map<string, number>();
  for (const { snapshot, state } of ledger.writes)
    if (snapshot !== undefined && state === "acknowledged")
      acknowledged.set(snapshot.name, Math.max(snapshot.version, acknowledged.get(snapshot.name) ?? 0));
  for (const [name, version] of acknowledged) {
    const snapshot = await store.snapshot(name);
    if (snapshot === undefined || snapshot.version < version) findings.add("lost", `the snapshot ${name} of version ${version}`);
    else if (mirror.byId.get(snapshot.hash)?.version !== snapshot.version)
      findings.add("lost", `the write of the snapshot ${name} of version ${snapshot.version} is there by half`);
  }
}
