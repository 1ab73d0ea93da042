import { WrongCheckpoint, type EventBatch, type WriteItem, type WriteResult } from "@reactive-domain/persistence";
import type { EventStoreDriver, PageRequest } from "@reactive-domain/persistence/adapter";
import { actualRefs, rankedEvent, rankedGroups } from "./ranked-groups.ts";
import { RankedPositions } from "./ranked-positions.ts";

/**
 * The driver of a store whose positions have holes, as if they had none: the first event of its log is at 0, the next at 1. So everything that cases say about
 * positions is held against the store, but for what they say about holes. The log is read again and again: for tests with short ones.
 */
export function rankedDriver(driver: EventStoreDriver): EventStoreDriver {
  const ranks = new RankedPositions(driver);
  // Their positions are looked for behind them, which a closed driver would refuse.
  const underWay = new Set<Promise<WriteResult>>();
  return {
    ...ownMembers(driver),
    write(items) {
      const writing = rankedWrite(ranks, driver, items).finally(() => underWay.delete(writing));
      underWay.add(writing);
      return writing;
    },
    async close() {
      await Promise.allSettled(underWay);
      await driver.close();
    },
    readPage: async (request) => rankedPage(ranks, request, await driver.readPage(await actualRequest(ranks, request))),
    ...(driver.checkpoint && {
      checkpoint: async (name: string) => ranks.rankOrNull((await driver.checkpoint?.(name)) ?? null),
    }),
    ...(driver.groups && { groups: rankedGroups(ranks, driver.groups) }),
  };
}

/** What is passed on as it is. */
function ownMembers(driver: EventStoreDriver): EventStoreDriver {
  return {
    name: driver.name,
    durability: driver.durability,
    write: (items) => driver.write(items),
    readPage: (request) => driver.readPage(request),
    streamInfo: (stream) => driver.streamInfo(stream),
    onCommit: (listener) => driver.onCommit(listener),
    close: () => driver.close(),
    ...(driver.gaps !== undefined && { gaps: driver.gaps }),
    ...(driver.batchEvents !== undefined && { batchEvents: driver.batchEvents }),
    ...(driver.snapshot && { snapshot: (name: string) => driver.snapshot?.(name) }),
    ...(driver.scavenge && { scavenge: driver.scavenge.bind(driver) }),
    ...(driver.leases && { leases: driver.leases }),
  };
}

/** Writes are handed on in the order of the calls, but for those whose positions are to be looked for. */
async function rankedWrite(ranks: RankedPositions, driver: EventStoreDriver, items: readonly WriteItem[]): Promise<WriteResult> {
  const hasPlaces = items.some(({ kind }) => kind === "checkpoint" || kind === "settle");
  try {
    return await rankedResult(
      ranks,
      await driver.write(hasPlaces ? await Promise.all(items.map((item) => actualItem(ranks, item))) : items),
    );
  } catch (error) {
    if (!(error instanceof WrongCheckpoint)) throw error;
    const [expected, actual] = [await ranks.rankOrNull(error.expected), await ranks.rankOrNull(error.actual)];
    throw new WrongCheckpoint(nameOf(items), expected, actual);
  }
}

/** The checkpoint of a write; cases move one at a time. */
function nameOf(items: readonly WriteItem[]): string {
  return items.find((item) => item.kind === "checkpoint")?.name ?? "";
}

async function actualItem(ranks: RankedPositions, item: WriteItem): Promise<WriteItem> {
  if (item.kind === "settle") return { ...item, deliveries: await actualRefs(ranks, item.deliveries) };
  if (item.kind !== "checkpoint") return item;
  const [expected, to] = [await ranks.actualOrNull(item.expected), await ranks.actualOrNull(item.position)];
  return { ...item, expected, position: to };
}

async function rankedResult(ranks: RankedPositions, result: WriteResult): Promise<WriteResult> {
  const streams = await Promise.all(result.streams.map(async (one) => ({ ...one, position: await ranks.rank(one.position) })));
  return { ...result, position: await ranks.rankOrNull(result.position), streams };
}

async function actualRequest(ranks: RankedPositions, request: PageRequest): Promise<PageRequest> {
  const { source, from } = request;
  if ("stream" in source || typeof from === "string" || from < 0 || from === Number.MAX_SAFE_INTEGER) return request;
  return { ...request, from: await ranks.actual(from) };
}

async function rankedPage(ranks: RankedPositions, { source, direction }: PageRequest, page: EventBatch): Promise<EventBatch> {
  const next = "stream" in source || page.next === null ? page.next : await ranks.cursor(page.next, direction);
  const events = await Promise.all(page.events.map((event) => rankedEvent(ranks, event)));
  return { ...page, events, next, head: await ranks.rankOrNull(page.head) };
}
