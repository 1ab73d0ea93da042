import {
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  type KurrentDBClient,
  type PersistentSubscriptionToAllSettings,
} from "@kurrent/kurrentdb-client";
import { WHOLE_LOG, type GroupKey } from "./group-key.ts";
import type { WireFilter } from "./wire-filter.ts";

/** How a persistent subscription is made. */
export interface GroupSettings {
  /** A revision of the stream, or a position of the log; inclusive. `undefined` for the start. */
  readonly from: number | undefined;
  /** For the whole log. */
  readonly filter: WireFilter;
  readonly strategy: PersistentSubscriptionToAllSettings["consumerStrategyName"];
}

/** What a server tells of one. */
export interface GroupInfo {
  /** How many processes take part. */
  readonly connections: number;
  /** Up to where all is settled for certain: a revision of the stream, or a position of the log. */
  readonly checkpoint: number | undefined;
}

/** The longest that the protocol can tell: leases, attempts and delays are kept by those who take part. */
const FOREVER = 2 ** 31 - 1;

/** Makes a persistent subscription. Errors: the client's. */
export async function makeGroup(client: KurrentDBClient, { stream, group }: GroupKey, settings: GroupSettings): Promise<void> {
  const { from, filter, strategy } = settings;
  const common = { messageTimeout: FOREVER, maxRetryCount: FOREVER, consumerStrategyName: strategy };
  if (stream !== WHOLE_LOG) {
    const startFrom = from === undefined ? START : BigInt(from);
    const complete = persistentSubscriptionToStreamSettingsFromDefaults({ ...common, startFrom });
    await client.createPersistentSubscriptionToStream(stream, group, complete);
    return;
  }
  const startFrom = from === undefined ? START : { commit: BigInt(from), prepare: BigInt(from) };
  const { on, prefixes, regex } = filter;
  const expression = regex === undefined ? { prefixes: [...(prefixes ?? [])] } : { regex };
  await client.createPersistentSubscriptionToAll(group, persistentSubscriptionToAllSettingsFromDefaults({ ...common, startFrom }), {
    filter: { filterOn: on === "stream" ? "streamName" : "eventType", checkpointInterval: 1, ...expression },
  });
}

/** Errors: the client's, also where there is none. */
export async function deleteGroup(client: KurrentDBClient, { stream, group }: GroupKey): Promise<void> {
  if (stream === WHOLE_LOG) await client.deletePersistentSubscriptionToAll(group);
  else await client.deletePersistentSubscriptionToStream(stream, group);
}

/** Has what is parked sent again: all, or what is before a number of the stream in which it is kept. Errors: the client's. */
export async function replayGroup(client: KurrentDBClient, { stream, group }: GroupKey, stopAt: number | undefined): Promise<void> {
  const options = stopAt === undefined ? {} : { stopAt };
  if (stream === WHOLE_LOG) await client.replayParkedMessagesToAll(group, options);
  else await client.replayParkedMessagesToStream(stream, group, options);
}

/** Errors: the client's, also where there is none. */
export async function groupInfo(client: KurrentDBClient, { stream, group }: GroupKey): Promise<GroupInfo> {
  if (stream === WHOLE_LOG) {
    const { connections, stats } = await client.getPersistentSubscriptionToAllInfo(group);
    return { connections: connections.length, checkpoint: numberOf(stats.lastCheckpointedEventPosition?.commit) };
  }
  const { connections, stats } = await client.getPersistentSubscriptionToStreamInfo(stream, group);
  return { connections: connections.length, checkpoint: numberOf(stats.lastCheckpointedEventRevision) };
}

function numberOf(value: bigint | undefined): number | undefined {
  return value === undefined || value < 0n ? undefined : Number(value);
}
