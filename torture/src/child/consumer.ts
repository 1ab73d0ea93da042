import type { Delivery, Settlement, WriteItem } from "@reactive-domain/persistence";
import { effectsOf, fateOf, GROUPS } from "../workload.ts";
import type { Caller, Desk } from "./desk.ts";
import { report } from "./reporter.ts";

const LEASE_MS = 500;
const LAST_LEASE_MS = 60_000;
const WAIT_MS = 700;
const MAX_EVENTS = 12;

interface Consumer {
  readonly group: string;
  readonly caller: Caller;
  /** Until when nobody else can have what it holds. */
  heldUntilMs: number;
}

/** Takes what a group has, and settles it together with its consequences. */
export async function runConsumer(desk: Desk, group: string, index: number): Promise<void> {
  const caller = desk.caller(`${group}-${index}`);
  const leaseMs = desk.orders.isLast ? LAST_LEASE_MS : LEASE_MS;
  for (;;) {
    const consumer: Consumer = { group, caller, heldUntilMs: performance.now() + leaseMs };
    const deliveries = await desk.store.groups.claim(group, {
      consumer: caller.name,
      maxEvents: caller.random.integer(1, MAX_EVENTS),
      leaseMs,
      waitMs: WAIT_MS,
    });
    // What a claim waited for is held from then on, not from before: that errs on the careful side.
    await handle(consumer, deliveries);
    if (deliveries.length === 0 && desk.orders.isLast && (await isDrained(desk, group))) return;
  }
}

async function isDrained(desk: Desk, group: string): Promise<boolean> {
  const { waiting, claimed } = await desk.store.groups.status(group);
  return waiting + claimed === 0;
}

/** Settles in the order of the log: what is acknowledged in a row together, everything else one by one. */
async function handle(consumer: Consumer, deliveries: readonly Delivery[]): Promise<void> {
  const run: Delivery[] = [];
  const released = new Set<string>();
  for (const delivery of deliveries) {
    if (released.has(delivery.event.stream)) continue;
    if (outcomeOf(delivery) === "acknowledge") run.push(delivery);
    else {
      await acknowledge(consumer, run.splice(0));
      await consumer.caller.write([settle(consumer.group, [delivery])]);
      // What lies behind one that is to come again goes back with it.
      if (outcomeOf(delivery) === "retry" && GROUPS[consumer.group]?.orderBy === "stream") released.add(delivery.event.stream);
    }
  }
  await acknowledge(consumer, run);
}

async function acknowledge(consumer: Consumer, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const { group, caller } = consumer;
  const events = deliveries.map(({ event }) => event);
  const outcome = await caller.write([...effectsOf("handled", group, events), settle(group, deliveries)]);
  if ("result" in outcome) reportRepeated(consumer, outcome.result.repeated, deliveries);
  // One of several was taken over meanwhile, and may be handled: what is left goes alone.
  else if (deliveries.length > 1) for (const delivery of deliveries) await acknowledge(consumer, [delivery]);
}

function reportRepeated({ group, heldUntilMs }: Consumer, repeated: boolean, deliveries: readonly Delivery[]): void {
  if (!repeated || performance.now() > heldUntilMs) return;
  report({ kind: "again", what: `${group} got ${deliveries.map(({ position }) => position).join(", ")} though it was handled` });
}

function settle(group: string, deliveries: readonly Delivery[]): WriteItem {
  const settlements = deliveries.map((delivery): Settlement => {
    const { position, fence } = delivery;
    return { position, fence, outcome: outcomeOf(delivery), ...(outcomeOf(delivery) === "park" ? { error: "as its fate says" } : {}) };
  });
  return { kind: "settle", group, deliveries: settlements };
}

function outcomeOf({ event, attempt }: Delivery): "acknowledge" | "skip" | "retry" | "park" {
  const fate = fateOf(event.id);
  if (fate === "retry-once") return attempt === 1 ? "retry" : "acknowledge";
  return fate;
}

/** Makes the groups where they are missing. */
export async function createGroups({ store }: Desk): Promise<void> {
  for (const [name, definition] of Object.entries(GROUPS)) await store.groups.create(name, definition);
}
