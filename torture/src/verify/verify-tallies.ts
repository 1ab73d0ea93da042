import type { EntryState, GenerationRecord, ProjectionEntry, ReadModels } from "@reactive-domain/persistence";
import type { Findings } from "../findings.ts";
import { groupedBy } from "../grouped-by.ts";
import { counted, isTallied, PROJECTIONS, SUMS, TALLIES, tallyKey, tallyOf, type Connection, type Tally } from "../tallies.ts";
import type { TorturedStore } from "../tortured-store.ts";
import type { LogMirror, Seen } from "./log-mirror.ts";

const PAGE = 1_000;
/** Events that are not handled, whatever the checkpoint says. */
const UNHANDLED: ReadonlySet<EntryState> = new Set(["parked", "waiting"]);

export interface TalliesPlace {
  readonly store: TorturedStore;
  readonly mirror: LogMirror;
  readonly findings: Findings;
  /** Whether everything is to be handled. */
  readonly isDrained: boolean;
}

/** Projections against the log: of each key the first events are counted once each, in their order, and all that the checkpoint speaks for but those that failed or wait. */
export async function verifyTallies(place: TalliesPlace): Promise<void> {
  await using views = await place.store.openViews();
  const events = groupedBy(place.mirror.events.filter(isTallied), (event) => tallyKey(event.stream, event));
  for (const name of PROJECTIONS) {
    const live = (await views.projections.find(name))?.generations.find(({ status }) => status === "live");
    if (live === undefined && place.isDrained) place.findings.add("lost", `the projection ${name}`);
    if (live === undefined) continue;
    const tallies = name === SUMS ? (await place.store.rowsOf(SUMS)).map(tallyOf) : await itemsOf(views, [...events.keys()]);
    const entries = await entriesOf(views, name, live);
    const kept: Kept = { name, live, tallies: new Map(tallies.map((tally) => [tally.key, tally])), entries };
    for (const [key, ofKey] of events) verifyKey(key, ofKey, kept, place);
    for (const { key } of tallies) if (!events.has(key)) place.findings.add("lost", `${name} has ${key}, of which the log has nothing`);
    if (!place.isDrained) continue;
    // A note of what was in hand may outlive its piece, as long as no event comes behind it.
    for (const { position, state } of entries.values())
      if (state !== "trial") place.findings.add("lost", `${name} still has ${position} ${state} in the end`);
  }
}

interface Kept {
  readonly name: string;
  readonly live: GenerationRecord;
  readonly tallies: ReadonlyMap<string, Tally>;
  /** By {@link entryName}. */
  readonly entries: ReadonlyMap<string, ProjectionEntry>;
}

function verifyKey(
  key: string,
  events: readonly Seen[],
  { name, live, tallies, entries }: Kept,
  { findings, isDrained }: TalliesPlace,
): void {
  const tally = tallies.get(key);
  const count = tally?.events ?? 0;
  const fold = events.slice(0, count).reduce<Tally | undefined>((before, { position }) => counted(before, key, position), undefined);
  if (fold?.chain !== tally?.chain || fold?.last !== tally?.last) return tellDifference(tally, events, name, findings);
  const [least, furthest] = [Math.min(...live.lanes.map(numberOf)), Math.max(...live.lanes.map(numberOf))];
  for (const [index, { position }] of events.entries()) {
    const entry = entries.get(entryName({ position, key }));
    const isCounted = index < count;
    if (isCounted && position > furthest)
      findings.add("lost", `${name} is at ${furthest}, and its commit with ${position} is there by half`);
    if (isCounted && entry !== undefined && UNHANDLED.has(entry.state))
      findings.add("doubled", `${name} has counted ${position}, and has it ${entry.state}`);
    if (!isCounted && position <= least && entry === undefined)
      findings.add("early", `${name} is at ${least}, without ${position} of ${key}`);
    if (!isCounted && isDrained) findings.add("lost", `${name} lacks ${position} of ${key} in the end`);
  }
}

/** What is wrong with a tally that is no fold of the first events of its key. */
function tellDifference(tally: Tally | undefined, events: readonly Seen[], name: string, findings: Findings): void {
  if (tally === undefined) return;
  const upTo = events.findIndex(({ position }) => position === tally.last) + 1;
  const what = `${name} has counted ${tally.events} events of ${tally.key} up to ${tally.last}, and the log has ${upTo} there`;
  if (tally.events > upTo) findings.add("doubled", what);
  else if (tally.events < upTo) findings.add("lost", what);
  else findings.add("holes", `${name} has counted the events of ${tally.key} up to ${tally.last} out of order`);
}

async function itemsOf(views: ReadModels<Connection>, keys: readonly string[]): Promise<readonly Tally[]> {
  const items = await views.repository(TALLIES);
  const tallies: Tally[] = [];
  for (const key of keys) {
    const kept = await items.get(key);
    if (kept !== undefined) tallies.push(kept.item);
  }
  return tallies;
}

async function entriesOf(
  { projections }: ReadModels<Connection>,
  projection: string,
  { generation }: GenerationRecord,
): Promise<ReadonlyMap<string, ProjectionEntry>> {
  const entries: ProjectionEntry[] = [];
  for (;;) {
    const last = entries.at(-1)?.position;
    const page = await projections.entries({ projection, generation }, { limit: PAGE, ...(last === undefined ? {} : { after: last }) });
    entries.push(...page);
    if (page.length < PAGE) return new Map(entries.map((entry) => [entryName(entry), entry]));
  }
}

function entryName({ position, key }: { readonly position: number; readonly key: string }): string {
  return `${position} ${key}`;
}

function numberOf(place: number | null): number {
  return place ?? -1;
}
