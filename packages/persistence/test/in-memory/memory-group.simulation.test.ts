import { currentRuntime, sleep } from "@reactive-domain/core";
import type { Delivery, EventStore, GroupDefinition, NewEvent, Settlement } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const [GROUP, EVENTS, LEASE_MS] = ["mailer", 24, 50];
const STEPS = ["acknowledge", "acknowledge", "acknowledge", "retry", "release", "park", "hold on", "crash"] as const;
type Step = (typeof STEPS)[number];

const seeds = fc.integer({ min: 1, max: 1_000_000 });
/** What a consumer does with each delivery in turn. */
const plans = fc.array(fc.constantFrom(...STEPS), { minLength: 8, maxLength: 60 });

function newEvent(): NewEvent {
  const facts = { type: "Deposited", schemaVersion: 1, contentType: "application/json", data: "{}", metadata: "{}" };
  return { id: currentRuntime().ids.next(), ...facts };
}

/** Works until nothing is left: what its plan says first, then everything as it should be. Keeps what it has acknowledged. */
async function work(store: EventStore, consumer: string, plan: readonly Step[], handled: Delivery[]): Promise<void> {
  const steps = [...plan];
  for (let idle = 0; idle < 3;) {
    const deliveries = await store.groups.claim(GROUP, {
      consumer,
      maxEvents: 1 + (steps.length % 3),
      leaseMs: LEASE_MS,
      waitMs: 4 * LEASE_MS,
    });
    idle = deliveries.length === 0 ? idle + 1 : 0;
    if (deliveries.length === 0) await store.groups.replayParked(GROUP);
    for (const delivery of deliveries) {
      const step = steps.pop() ?? "acknowledge";
      if (step === "crash") {
        await sleep(2 * LEASE_MS);
        break;
      }
      await handle(store, delivery, step, handled);
    }
  }
}

async function handle(store: EventStore, delivery: Delivery, step: Exclude<Step, "crash">, handled: Delivery[]): Promise<void> {
  const ref = { position: delivery.event.position, fence: delivery.fence };
  const outcome = step === "hold on" ? "acknowledge" : step;
  try {
    if (step === "hold on") {
      await store.groups.extend(GROUP, [ref], { leaseMs: 3 * LEASE_MS });
      await sleep(2 * LEASE_MS);
    }
    await settle(store, { ...ref, outcome, delayMs: LEASE_MS / 2 });
    if (outcome === "acknowledge") handled.push(delivery);
  } catch (error) {
    expect(error).toMatchObject({ code: "delivery-lost" });
  }
}

function settle(store: EventStore, settlement: Settlement): Promise<unknown> {
  return store.write([{ kind: "settle", group: GROUP, deliveries: [settlement] }]);
}

/** What three consumers have handled, in this order. */
function handledBy(seed: number, plan: readonly Step[], facts: Partial<GroupDefinition>): Promise<readonly Delivery[]> {
  return createTestRuntime({ seed }).run(async () => {
    await using store = createInMemoryStore();
    await store.groups.create(GROUP, { source: { all: true }, maxAttempts: 2, maxUnsettled: 9, ...facts });
    for (let index = 0; index < EVENTS; index++) await store.append(`account-${index % 4}`, [newEvent()], { expectedVersion: "any" });
    const handled: Delivery[] = [];
    await Promise.all(["one", "two", "three"].map((consumer, index) => work(store, consumer, plan.slice(index), handled)));
    expect(await store.groups.status(GROUP)).toMatchObject({ settledUpTo: EVENTS - 1, waiting: 0, claimed: 0, parked: 0 });
    return handled;
  });
}

describe("whatever consumers do, and in whatever order", () => {
  it.each([{}, { orderBy: "none" }, { behindParked: "pass" }] as const)("each event is handled once, with %j", async (facts) => {
    const property = fc.asyncProperty(seeds, plans, async (seed, plan) => {
      const positions = (await handledBy(seed, plan, facts)).map(({ event }) => event.position);
      expect(positions.toSorted((one, other) => one - other)).toEqual(Array.from({ length: EVENTS }, (_, index) => index));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("the events of a stream are handled in their order where they wait behind parked ones", async () => {
    const property = fc.asyncProperty(seeds, plans, async (seed, plan) => {
      const last = new Map<string, number>();
      for (const { event } of await handledBy(seed, plan, {})) {
        expect(event.version).toBe((last.get(event.stream) ?? -1) + 1);
        last.set(event.stream, event.version);
      }
    });
    await fc.assert(property, { numRuns: 40 });
  });
});
