import { position } from "@reactive-domain/core";
import type { GroupStatus } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import type { LogReader } from "../reading/log-reader.ts";
import type { StreamReader } from "../reading/stream-reader.ts";
import { groupInfo, type GroupInfo } from "../wire/group-admin.ts";
import type { LocalGroup } from "./local-group.ts";

export interface StatusParts {
  readonly connection: Connection;
  readonly log: LogReader;
  readonly streams: StreamReader;
}

/**
 * How far a group is. A process that takes part alone knows it. Else it is what the server has noted as settled, which is a little behind, and of what waits and is
 * claimed what this process has.
 */
export async function statusOf(group: LocalGroup, parts: StatusParts): Promise<GroupStatus> {
  const { name, definition } = group.record;
  const info = await parts.connection.run((client) => groupInfo(client, group.record.key));
  const parked = await group.parked();
  const isAlone = group.isOpen && info.connections <= 1;
  const settledUpTo = isAlone ? settledHere(group) : Math.max(group.record.after, await checkpointOf(group, info, parts.streams));
  const head = await parts.log.head();
  return {
    name,
    definition: structuredClone(definition),
    settledUpTo: settledUpTo < 0 ? null : position(settledUpTo),
    head,
    waiting: group.entries.count("waiting"),
    claimed: group.entries.count("claimed"),
    parked: parked.length,
  };
}

function settledHere({ entries, level }: LocalGroup): number {
  const first = entries.all.find(({ state }) => state.kind !== "parked");
  return first === undefined ? level.place : first.event.position - 1;
}

/** The position of the last event before which all is settled, as the server has noted it; -1 where it has noted nothing. */
async function checkpointOf({ record }: LocalGroup, { checkpoint }: GroupInfo, streams: StreamReader): Promise<number> {
  if (checkpoint === undefined || !("stream" in record.definition.source)) return checkpoint ?? -1;
  const [event] = await streams.events(record.definition.source.stream, checkpoint, 1);
  return event?.version === checkpoint ? event.position : -1;
}
