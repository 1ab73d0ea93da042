import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { metadataOf, type ConnectedContext, type ConsumerGroup, type GroupEventContext } from "@reactive-domain/foundation";
import { contextOn, ORDER, OrderMailed, OrderPlaced, TRANSFER, Transferred } from "../context.ts";
import { effectStream, isQuiet, MEMBERSHIPS } from "../memberships.ts";
import { Random } from "../random.ts";
import { effectKey, newEvent, type Work } from "../workload.ts";
import type { Desk } from "./desk.ts";
import { report } from "./reporter.ts";
import { mayFail, PlannedFailure } from "./troubles.ts";

const LEASE_MS = 400;
const LAST_LEASE_MS = 5_000;
const LOOK_MS = 20;
const LONGEST_PAUSE_MS = 600;
const SLOW_CHANCE = 0.2;
const SLOWEST_MS = 8;
const MOST_IN_FLIGHT = 8;

interface Member {
  readonly desk: Desk;
  readonly random: Random;
  readonly name: keyof typeof MEMBERSHIPS;
}

/** Joins a group, and handles what it gets: what an event leads to is written with its acknowledgement. */
export async function runMember(desk: Desk, name: Member["name"], index: number): Promise<void> {
  const { seed, round, slot, isLast } = desk.orders;
  const member: Member = { desk, name, random: Random.of(seed, round, slot, name, index) };
  await using group = GROUP_OF[name](contextOn(desk.store), member);
  await group.start({
    consumer: `${slot}${index} in round ${round}`,
    maxInFlight: member.random.integer(1, MOST_IN_FLIGHT),
    leaseMs: isLast ? LAST_LEASE_MS : LEASE_MS,
    acknowledge: MEMBERSHIPS[name].acknowledge,
    onFault: (error) => report({ kind: "fault", what: `a consumer of ${name} has stopped: ${error.message}` }),
    onParked: ({ error, event }) => {
      if (error instanceof PlannedFailure) return;
      report({ kind: "fault", what: `${name} has parked ${event.position}: ${String(error)}` });
    },
  });
  if (isLast) await drained(group);
  while (!desk.orders.isLast) {
    await sleep(member.random.integer(0, LONGEST_PAUSE_MS));
    await group.replayParked();
  }
}

/** Each group with its handlers. */
const GROUP_OF: Readonly<Record<Member["name"], (context: ConnectedContext, member: Member) => ConsumerGroup>> = {
  mailers: (context, member) =>
    context
      .group("mailers", { ...MEMBERSHIPS.mailers.options, of: context.category(ORDER) })
      .on(OrderPlaced, (event, delivery) => mail(event, delivery, member)),
  printers: (context, member) =>
    context
      .group("printers", { ...MEMBERSHIPS.printers.options, of: context.category(TRANSFER) })
      .on(Transferred, (event, delivery) => print(event, delivery, member)),
};

/** The id of what it writes follows from the event. */
async function mail(event: OrderPlaced, context: GroupEventContext, member: Member): Promise<void> {
  await take(event, context, member);
  const key = effectKey("mailers", metadataOf(event));
  await context.append(effectStream("mailed", context.stream), [new OrderMailed({ key })]);
}

/** The id of what it writes is another each time: nothing but the acknowledgement keeps it from being there twice. */
async function print(event: Transferred, context: GroupEventContext, member: Member): Promise<void> {
  await take(event, context, member);
  const { id } = metadataOf(event);
  if (isQuiet("printers", id)) return;
  const printed = newEvent("printed", randomUUID(), { key: effectKey("printers", { id }) });
  context.settleWith({ kind: "append", stream: effectStream("printed", context.stream), expectedVersion: "any", events: [printed] });
}

/** What every handler does first: it may fail, or take its time. */
async function take(event: Work, { position }: GroupEventContext, { desk, name, random }: Member): Promise<void> {
  report({ kind: "handling", by: name, position });
  if (desk.orders.isLast) return;
  if (random.chance(SLOW_CHANCE)) await sleep(random.integer(0, SLOWEST_MS));
  mayFail(event, random);
}

/** Resolves when everything is handled, with what was parked. */
async function drained(group: ConsumerGroup): Promise<void> {
  for (;;) {
    const { waiting, claimed, parked } = await group.status();
    if (parked > 0) await group.replayParked();
    else if (waiting + claimed === 0 && (await group.lag()).events === 0) return;
    await sleep(LOOK_MS);
  }
}
