import type { Position } from "@reactive-domain/core";
import { at, type EntryState, type EventStore, type ProjectionEntry } from "@reactive-domain/persistence";
import { inColumns } from "../../in-columns.ts";
import { openStore } from "../../open-store.ts";
import { withViews, type ViewsOptions } from "../../open-views.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { keptProjection } from "./kept-projection.ts";
import { generationOf } from "./projection-state.ts";

export interface ListParkedOptions extends ViewsOptions {
  /** The store of the events, which tells their types. */
  readonly store?: string;
  /** Those of the generation that is being built, not of the live one. */
  readonly building?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
}

interface ToldEntry extends Omit<ProjectionEntry, "size"> {
  /** `null` where no store was named, or the event was scavenged. */
  readonly type: string | null;
}

const STATES: readonly EntryState[] = ["parked", "waiting", "replay", "failing"];
/** How many are read at once. */
const PAGE = 100;

/** Lists the events that failed, and those that wait behind them, by position. */
export async function listParked(name: string, options: ListParkedOptions, output: Output): Promise<void> {
  const told = await withViews(options, async (views) => {
    const record = await keptProjection(views, name, options.views);
    const generation = generationOf(record, options.building === true ? "building" : "live")?.generation;
    if (generation === undefined) return [];
    await using store = options.store === undefined ? undefined : await openStore(options.store);
    const page = (after: Position | undefined, limit: number): Promise<readonly ProjectionEntry[]> =>
      views.projections.entries({ projection: name, generation }, { states: STATES, limit, ...(after === undefined ? {} : { after }) });
    return await withTypes(await allOf(page, options.limit), store);
  });
  await output.write(options.json === true ? told.map((one) => JSON.stringify(one)) : asTable(told));
}

/** An event may have entries of several keys: the last position of a full page is asked for again. */
async function allOf(
  page: (after: Position | undefined, limit: number) => Promise<readonly ProjectionEntry[]>,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly ProjectionEntry[]> {
  const entries: ProjectionEntry[] = [];
  for (let size = PAGE, after: Position | undefined; entries.length < most;) {
    const some = await page(after, size);
    if (some.length < size) return [...entries, ...some].slice(0, most);
    const last = some.at(-1)?.position;
    const whole = some.filter(({ position }) => position !== last);
    entries.push(...whole);
    after = whole.at(-1)?.position ?? after;
    // All of them are of one event: more of it must fit.
    size = whole.length === 0 ? size * 2 : PAGE;
  }
  return entries.slice(0, most);
}

async function withTypes(entries: readonly ProjectionEntry[], store: EventStore | undefined): Promise<readonly ToldEntry[]> {
  const told: ToldEntry[] = [];
  for (const { position, key, state, attempts, since, error } of entries)
    told.push({ position, type: store === undefined ? null : await typeAt(store, position), key, state, attempts, since, error });
  return told;
}

async function typeAt(store: EventStore, position: Position): Promise<string | null> {
  for await (const event of store.read({ all: true }, { from: at(position), limit: 1 }))
    return event.position === position ? event.type : null;
  return null;
}

function asTable(told: readonly ToldEntry[]): readonly string[] {
  const rows = told.map(({ position, attempts, state, since, type, key, error }) =>
    [String(position), String(attempts), state, since.toISOString(), type ?? "-", key, error].map(printable),
  );
  return inColumns([["POSITION", "ATTEMPTS", "STATE", "SINCE", "TYPE", "KEY", "ERROR"], ...rows], 2);
}
