import { after, type EventStore, type ParkedDelivery } from "@reactive-domain/persistence";
import type { Findings } from "../findings.ts";
import { effectKey, fateOf, GROUPS } from "../workload.ts";
import type { LogMirror, Seen } from "./log-mirror.ts";

const PAGE = 500;

/** Groups against what was to be handled: what counts as settled has its consequence once, is parked, or needs none. */
export async function verifyGroups(store: EventStore, mirror: LogMirror, findings: Findings, isDrained: boolean): Promise<void> {
  const names = new Set((await store.groups.list()).map(({ name }) => name));
  for (const group of Object.keys(GROUPS)) {
    if (names.has(group)) await verifyGroup(store, mirror, { group, isDrained, findings });
    else if (isDrained) findings.add("lost", `the group ${group}`);
  }
}

interface GroupPlace {
  readonly group: string;
  readonly isDrained: boolean;
  readonly findings: Findings;
}

async function verifyGroup(store: EventStore, mirror: LogMirror, { group, isDrained, findings }: GroupPlace): Promise<void> {
  const status = await store.groups.status(group);
  const parked = await parkedOf(store, group);
  const handled = new Map(mirror.inCategory("handled").map((event) => [event.key, event]));
  const settledUpTo = isDrained ? Number.POSITIVE_INFINITY : (status.settledUpTo ?? -1);
  const sources = mirror.inCategory(GROUPS[group]?.source.category ?? "");
  for (const source of sources) {
    const isHandled = handled.has(effectKey(group, source));
    const isParked = parked.has(source.position);
    if (isHandled && isParked) findings.add("doubled", `${group} has handled ${source.position}, and parked it`);
    if (isHandled || isParked || source.position > settledUpTo || fateOf(source.id) === "skip") continue;
    findings.add("lost", `${group} has neither handled nor parked ${source.position}`);
  }
  if (GROUPS[group]?.orderBy === "stream") verifyOrder(group, sources, { handled, findings });
  const unsettled = status.waiting + status.claimed;
  if (isDrained && unsettled > 0) findings.add("lost", `${group} still holds ${unsettled} events when it is drained`);
}

/** Effects by their keys. */
export interface HandledEvents {
  readonly handled: ReadonlyMap<string, Seen>;
  readonly findings: Findings;
}

/** Events of a stream are handled in their order. */
export function verifyOrder(group: string, sources: readonly Seen[], { handled, findings }: HandledEvents): void {
  const last = new Map<string, number>();
  for (const source of sources) {
    const effect = handled.get(effectKey(group, source));
    if (effect === undefined) continue;
    if (effect.position < (last.get(source.stream) ?? -1)) findings.add("holes", `${group} has handled ${source.position} out of order`);
    last.set(source.stream, effect.position);
  }
}

/** The positions of what a group has parked. */
export async function parkedOf(store: EventStore, group: string): Promise<ReadonlySet<number>> {
  const parked: ParkedDelivery[] = [];
  for (;;) {
    const last = parked.at(-1)?.event.position;
    const page = await store.groups.parked(group, { limit: PAGE, ...(last === undefined ? {} : after(last)) });
    parked.push(...page);
    if (page.length < PAGE) return new Set(parked.map(({ event }) => event.position));
  }
}
