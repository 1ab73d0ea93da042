import { position, type Position } from "@reactive-domain/core";
import { recordedEvent, type DeliveryRef, type GroupStatus, type RecordedEvent } from "@reactive-domain/persistence";
import type { GroupDriver } from "@reactive-domain/persistence/adapter";
import type { RankedPositions } from "./ranked-positions.ts";

/** The consumer groups of a driver whose positions are told by rank. */
export function rankedGroups(ranks: RankedPositions, groups: GroupDriver): GroupDriver {
  return {
    create: async (name, definition) => groups.create(name, { ...definition, from: await actualFrom(ranks, definition.from) }),
    delete: (name) => groups.delete(name),
    list: async () => Promise.all((await groups.list()).map((status) => rankedStatus(ranks, status))),
    status: async (name) => rankedStatus(ranks, await groups.status(name)),
    claim: async (name, request) => {
      const { deliveries, againInMs } = await groups.claim(name, request);
      const ranked = deliveries.map(async (delivery) => {
        const event = await rankedEvent(ranks, delivery.event);
        return Object.assign({}, delivery, { event, position: event.position });
      });
      return { deliveries: await Promise.all(ranked), againInMs };
    },
    extend: async (name, deliveries, leaseMs) => groups.extend(name, await actualRefs(ranks, deliveries), leaseMs),
    parked: async (name, { after, limit }) => {
      const parked = await groups.parked(name, { after: await ranks.actualOrNull(after), limit });
      return Promise.all(parked.map(async (one) => Object.assign({}, one, { event: await rankedEvent(ranks, one.event) })));
    },
    replayParked: async (name, request) => {
      const positions = request.positions && (await Promise.all(request.positions.map((place) => actual(ranks, place))));
      return groups.replayParked(name, { ...request, positions });
    },
    ...(groups.onChange !== undefined && {
      onChange: (name: string, listener: () => void) => groups.onChange?.(name, listener) ?? nothing,
    }),
  };
}

/** An event with its rank in the place of its position. */
export async function rankedEvent(ranks: RankedPositions, event: RecordedEvent): Promise<RecordedEvent> {
  return recordedEvent({ ...event.toJSON(), position: await ranks.rank(event.position) });
}

/** Deliveries by their positions instead of their ranks. */
export async function actualRefs<T extends DeliveryRef>(ranks: RankedPositions, deliveries: readonly T[]): Promise<readonly T[]> {
  return Promise.all(deliveries.map(async (one) => Object.assign({}, one, { position: await actual(ranks, one.position) })));
}

async function rankedStatus(ranks: RankedPositions, status: GroupStatus): Promise<GroupStatus> {
  const { from = "start" } = status.definition;
  const ranked = typeof from === "object" ? { after: await ranks.rank(from.after) } : from;
  return {
    ...status,
    definition: { ...status.definition, from: ranked },
    settledUpTo: await ranks.rankOrNull(status.settledUpTo),
    head: await ranks.rankOrNull(status.head),
  };
}

type From = Parameters<GroupDriver["create"]>[1]["from"];

async function actualFrom(ranks: RankedPositions, from: From): Promise<From> {
  return typeof from === "object" ? { after: await actual(ranks, from.after) } : from;
}

async function actual(ranks: RankedPositions, rank: Position): Promise<Position> {
  return position(await ranks.actual(rank));
}

function nothing(): void {
  // There is nobody to be told.
}
