import type {
  ClaimOptions,
  Delivery,
  EventStore,
  GroupDefinition,
  RecordedEvent,
  Settlement,
  SettleItem,
  WriteResult,
} from "@reactive-domain/persistence";
import { inTime } from "./deadline.ts";
import { LONG_MS } from "./leasing.ts";

/** The group that cases are about. */
export const GROUP = "mailer";
/** Long enough for what is to come, and shorter than the patience of a case. */
export const WAIT_MS = 4_000;

/** Makes the group; `facts` go over the whole log from its start. */
export async function makeGroup(store: EventStore, facts: Partial<GroupDefinition> = {}): Promise<void> {
  await store.groups.create(GROUP, { source: { all: true }, ...facts });
}

/** Claims up to 100 deliveries, for longer than the case takes; `facts` go over that. */
export function claim(store: EventStore, facts: Partial<ClaimOptions> = {}): Promise<readonly Delivery[]> {
  const call = store.groups.claim(GROUP, { consumer: "worker-1", maxEvents: 100, leaseMs: LONG_MS, ...facts });
  return inTime(call, "The answer to a claim");
}

/** The item that settles deliveries, all in one way. */
export function settling(
  deliveries: readonly Delivery[],
  outcome: Settlement["outcome"],
  facts: Partial<Pick<Settlement, "error" | "delayMs">> = {},
): SettleItem {
  return { kind: "settle", group: GROUP, deliveries: deliveries.map(({ position, fence }) => ({ position, fence, outcome, ...facts })) };
}

/** Settles deliveries, all in one way. */
export function settle(store: EventStore, ...[deliveries, outcome, facts]: Parameters<typeof settling>): Promise<WriteResult> {
  return store.write([settling(deliveries, outcome, facts)]);
}

export const eventsIn = (deliveries: readonly Delivery[]): readonly RecordedEvent[] => deliveries.map(({ event }) => event);

/** Where the events of some deliveries are in the log. */
export const placesOf = (deliveries: readonly Delivery[]): readonly number[] => deliveries.map(({ event }) => event.position);

export const attemptsOf = (deliveries: readonly Delivery[]): readonly number[] => deliveries.map(({ attempt }) => attempt);
