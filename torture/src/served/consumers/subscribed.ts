import {
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  PINNED,
  START,
  streamNameFilter,
  type KurrentDBClient,
} from "@kurrent/kurrentdb-client";
import { GROUPS, type GroupName } from "./fates.ts";

/** What a consumer is given: an event, or a link to it. */
export interface Given {
  readonly event?: { readonly id: string; readonly data?: { readonly key?: string } };
  readonly link?: { readonly id: string; readonly revision: bigint };
  readonly retryCount: number;
}

/** What both kinds of subscription have in common. */
export interface Connection extends AsyncIterable<Given> {
  ack(...given: readonly Given[]): Promise<void>;
  nack(action: "park" | "retry" | "skip", reason: string, ...given: readonly Given[]): Promise<void>;
}

/** How a group is, as the server tells it. */
export interface GroupState {
  /** Of all up to that place in the log is known what became of it. */
  readonly settledUpTo: number;
  /** How many were given out, or wait to be given out again. */
  readonly unsettled: number;
  readonly parked: number;
}

const BUFFER_SIZE = 20;
/** Only what is refused with `park` is parked. */
const NEVER = 1_000_000;

/** Makes both groups, before there is anything to consume. */
export async function createGroups(client: KurrentDBClient, messageTimeout: number): Promise<void> {
  const settings = { startFrom: START, messageTimeout, maxRetryCount: NEVER } as const;
  await client.createPersistentSubscriptionToStream(
    GROUPS.readers.stream,
    "readers",
    persistentSubscriptionToStreamSettingsFromDefaults({ ...settings, resolveLinkTos: true, consumerStrategyName: PINNED }),
  );
  await client.createPersistentSubscriptionToAll("sorters", persistentSubscriptionToAllSettingsFromDefaults(settings), {
    filter: streamNameFilter({ prefixes: ["entry-"] }),
  });
}

export function subscribe(client: KurrentDBClient, group: GroupName): Connection {
  const options = { bufferSize: BUFFER_SIZE };
  const connection: unknown =
    group === "readers"
      ? client.subscribeToPersistentSubscriptionToStream(GROUPS.readers.stream, group, options)
      : client.subscribeToPersistentSubscriptionToAll(group, options);
  return connection as Connection;
}

export async function settledUpTo(client: KurrentDBClient, group: GroupName): Promise<number> {
  return (await stateOf(client, group)).settledUpTo;
}

export async function stateOf(client: KurrentDBClient, group: GroupName): Promise<GroupState> {
  const [place, stats] = await statsOf(client, group);
  return {
    settledUpTo: Number(place ?? -1n),
    unsettled: stats.outstandingMessagesCount + stats.retryBufferCount + stats.totalInFlightMessages,
    parked: Number(stats.parkedMessageCount),
  };
}

/** The number of a link in a category is the place of its event. */
async function statsOf(client: KurrentDBClient, group: GroupName) {
  if (group === "readers") {
    const { stats } = await client.getPersistentSubscriptionToStreamInfo(GROUPS.readers.stream, group);
    return [stats.lastCheckpointedEventRevision, stats] as const;
  }
  const { stats } = await client.getPersistentSubscriptionToAllInfo(group);
  return [stats.lastCheckpointedEventPosition?.commit, stats] as const;
}
