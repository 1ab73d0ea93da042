import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventStore, WriteItem, WriteResult } from "@reactive-domain/persistence";
import { MEMBERSHIPS } from "../memberships.ts";
import type { Orders } from "../protocol.ts";
import { VIEW_SABOTAGES } from "./sabotaged-views.ts";

type Write = EventStore["write"];

/** Wide enough that a kill finds it open. */
const GAP_MS = 15;
/** On a busy machine, so many times as long as a write takes. */
const GAP_WRITES = 3;
const LONGEST_GAP_MS = 150;
/** The first comes early: a child may be killed soon, on a machine that is slow. */
const [FIRST_DROP, DROPS_ONE_IN] = [3, 40];

/** Faults that a store, or those who use it, could have. Each has to be found. */
const WRITES: Readonly<Record<string, (write: Write) => Write>> = {
  "early-ack": (write) => async (items, options) => {
    await sleep(GAP_MS);
    return write(items, options);
  },
  "early-checkpoint": (write) => inTwo(write, ({ kind }) => kind === "checkpoint"),
  "early-settle": (write) => inTwo(write, ({ kind }) => kind === "settle"),
  halves: (write) => inTwo(write, (item, index, items) => item.kind === "append" && index < items.length - 1),
  drop: dropping,
  "drop-settle": unsettled,
};

/** Writes the part of a write that is chosen first, then the rest. */
function inTwo(write: Write, isFirst: (item: WriteItem, index: number, items: readonly WriteItem[]) => boolean): Write {
  return async (items, options) => {
    const [early, late] = [items.filter(isFirst), items.filter((...one) => !isFirst(...one))];
    if (early.length === 0 || late.length === 0) return write(items, options);
    const startMs = performance.now();
    const first = await write(early, options);
    await sleep(Math.min(Math.max(GAP_MS, GAP_WRITES * (performance.now() - startMs)), LONGEST_GAP_MS));
    const second = await write(late, options);
    return joined(first, second);
  };
}

function joined(first: WriteResult, second: WriteResult): WriteResult {
  return { ...second, position: second.position ?? first.position, streams: [...first.streams, ...second.streams] };
}

/** Whether something is left out that has been done so often before. */
function isLeftOut(count: number): boolean {
  return count % DROPS_ONE_IN === FIRST_DROP;
}

/** Now and then says that it has written, and has not. */
function dropping(write: Write): Write {
  let count = 0;
  return async (items, options) => {
    const isTransfer = items.every((item) => item.kind === "append" && item.stream.startsWith("transfer-"));
    if (!isTransfer || !isLeftOut(++count)) return write(items, options);
    return { position: null, streams: [], repeated: false };
  };
}

/** Now and then leaves out that a member of a group has settled what it has handled. */
function unsettled(write: Write): Write {
  let count = 0;
  return async (items, options) => {
    const isOfMember = items.some((item) => item.kind === "settle" && item.group in MEMBERSHIPS);
    if (!isOfMember || !isLeftOut(++count)) return write(items, options);
    const rest = items.filter(({ kind }) => kind !== "settle");
    return rest.length === 0 ? { position: null, streams: [], repeated: false } : write(rest, options);
  };
}

/** The names of all sabotages. The last are not in the store's write: they are in the orders, in the file, and in what keeps projections. */
export const SABOTAGES: readonly string[] = [...Object.keys(WRITES), "new-ids", "hole", ...VIEW_SABOTAGES];

/** The store as its callers get it: itself, or with a fault. */
export function sabotaged(store: EventStore, sabotage: string | null): EventStore {
  const change = sabotage === null ? undefined : WRITES[sabotage];
  if (change === undefined) return store;
  const write = change((items, options) => store.write(items, options));
  return new Proxy(store, {
    get: (target, name) => (name === "write" ? write : boundTo(target, Reflect.get(target, name, target))),
  });
}

function boundTo(target: EventStore, member: unknown): unknown {
  return typeof member === "function" ? (member.bind(target) as unknown) : member;
}

/** The orders as a child gets them: what it repeats has other ids under `new-ids`. */
export function sabotagedOrders(orders: Orders): Orders {
  if (orders.sabotage !== "new-ids") return orders;
  return { ...orders, unknown: orders.unknown.map((write) => ({ ...write, items: write.items.map(withNewIds) })) };
}

function withNewIds(item: WriteItem): WriteItem {
  if (item.kind !== "append") return item;
  return { ...item, expectedVersion: "any", events: item.events.map((event) => ({ ...event, id: randomUUID() })) };
}
