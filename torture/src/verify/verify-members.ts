import type { EventStore } from "@reactive-domain/persistence";
import type { Findings } from "../findings.ts";
import { isQuiet, MEMBERSHIPS, type Membership } from "../memberships.ts";
import { effectKey } from "../workload.ts";
import type { LogMirror } from "./log-mirror.ts";
import { parkedOf, verifyOrder } from "./verify-groups.ts";

export interface MembersPlace {
  readonly store: EventStore;
  readonly mirror: LogMirror;
  readonly findings: Findings;
  /** What handlers were given, each as {@link handledName} calls it. */
  readonly handled: ReadonlySet<string>;
  /** Whether everything is to be handled, with what was parked. */
  readonly isDrained: boolean;
}

/** What an event is called that a handler of a group was given. */
export function handledName(by: string, position: number): string {
  return `${by} ${position}`;
}

/** Groups of the context: what counts as settled was given to a handler and has its effect, or is parked. That no effect is there twice, the log tells. */
export async function verifyMembers(place: MembersPlace): Promise<void> {
  const names = new Set((await place.store.groups.list()).map(({ name }) => name));
  for (const [group, membership] of Object.entries(MEMBERSHIPS)) {
    if (names.has(group)) await verifyGroup(group, membership, place);
    else if (place.isDrained) place.findings.add("lost", `the group ${group}`);
  }
}

async function verifyGroup(group: string, { source, effect, options }: Membership, place: MembersPlace): Promise<void> {
  const { store, mirror, findings, handled, isDrained } = place;
  const { settledUpTo, waiting, claimed } = await store.groups.status(group);
  const parked = await parkedOf(store, group);
  const effects = new Map(mirror.inCategory(effect).map((event) => [event.key, event]));
  const sources = mirror.inCategory(source);
  const upTo = isDrained ? Number.POSITIVE_INFINITY : (settledUpTo ?? -1);
  for (const { id, position } of sources) {
    const isThere = effects.has(effectKey(group, { id }));
    if (isThere && parked.has(position)) findings.add("doubled", `${group} has handled ${position}, and parked it`);
    if (isThere && !handled.has(handledName(group, position)))
      findings.add("lost", `${group} has the effect of ${position}, which no handler had`);
    if (position > upTo || parked.has(position)) continue;
    const isHandled = isThere || (isQuiet(group, id) && handled.has(handledName(group, position)));
    if (!isHandled) findings.add("lost", `${group} has neither handled nor parked ${position}`);
  }
  if (options.orderBy === "stream") verifyOrder(group, sources, { handled: effects, findings });
  const left = waiting + claimed + parked.size;
  if (isDrained && left > 0) findings.add("lost", `${group} still has ${left} events that are not handled, in the end`);
}
