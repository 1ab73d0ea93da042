import { isDeepStrictEqual } from "node:util";
import { GroupExists } from "@reactive-domain/persistence";
import type { CompleteGroupDefinition } from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import { isGroupGone, isGroupThere } from "../connection/kurrent-failure.ts";
import { GROUP_DEFINITIONS } from "../reading/own-streams.ts";
import { selectionOf } from "../reading/selection.ts";
import { deleteGroup, groupInfo, makeGroup, type GroupSettings } from "../wire/group-admin.ts";
import { WHOLE_LOG, type GroupKey } from "../wire/group-key.ts";
import type { KeptStates } from "../writing/kept-states.ts";
import { tryAgain } from "../writing/try-again.ts";
import type { GroupRecord } from "./group-record.ts";
import type { GroupStarts } from "./group-start.ts";

export interface GroupMakingParts {
  readonly connection: Connection;
  readonly kept: KeptStates;
  readonly starts: GroupStarts;
}

/** What keeps events of one key with one process, as far as KurrentDB does. */
const STRATEGIES: Readonly<Record<CompleteGroupDefinition["orderBy"], GroupSettings["strategy"]>> = {
  stream: "Pinned",
  correlation: "PinnedByCorrelation",
  none: "RoundRobin",
};
/** As much of a group's name as people need to recognise it at the server. */
const MAX_SHOWN = 80;

/**
 * Makes groups and forgets them. Which there are stands in one stream of the store's own, with the persistent subscription behind each; those of other programs are not
 * in it. A group is there where both are.
 */
export class GroupMaking {
  readonly #parts: GroupMakingParts;

  constructor(parts: GroupMakingParts) {
    this.#parts = parts;
  }

  async all(): Promise<readonly GroupRecord[]> {
    return (await this.#parts.kept.groups()).value;
  }

  async find(name: string): Promise<GroupRecord | undefined> {
    return (await this.all()).find((one) => one.name === name);
  }

  /** Returns the group where it is new. Errors: `group-exists`, `ahead-of-log`. */
  async create(name: string, asked: CompleteGroupDefinition): Promise<GroupRecord | undefined> {
    const { connection, kept, starts } = this.#parts;
    const definition = structuredClone(asked);
    return tryAgain(connection, async (refusals) => {
      const { value: groups, expected } = await kept.groups(refusals);
      const known = groups.find((one) => one.name === name);
      if (known !== undefined && !isDeepStrictEqual(known.definition, definition)) throw new GroupExists(name);
      if (known !== undefined && (await this.#isThere(known.key))) return undefined;
      const { after, from } = await starts.of(name, definition);
      const record: GroupRecord = { name, definition, key: this.#keyOf(name, definition), after };
      await this.#make(record, from);
      try {
        await kept.put(GROUP_DEFINITIONS, kept.groupsEvent([...groups.filter((one) => one !== known), record]), expected);
      } catch (error) {
        await this.#unmake(record.key);
        throw error;
      }
      return record;
    });
  }

  /** Returns the group that was there. */
  async delete(name: string): Promise<GroupRecord | undefined> {
    const { connection, kept } = this.#parts;
    const deleted = await tryAgain(connection, async (refusals) => {
      const { value: groups, expected } = await kept.groups(refusals);
      const known = groups.find((one) => one.name === name);
      if (known !== undefined) await kept.put(GROUP_DEFINITIONS, kept.groupsEvent(groups.filter((one) => one !== known)), expected);
      return known;
    });
    return deleted !== undefined && (await this.#unmake(deleted.key)) ? deleted : undefined;
  }

  #keyOf(name: string, { source }: CompleteGroupDefinition): GroupKey {
    const shown = name.replaceAll(/[^\w.-]+/g, "_").slice(0, MAX_SHOWN);
    return { stream: "stream" in source ? source.stream : WHOLE_LOG, group: `${shown}-${this.#parts.connection.runtime.ids.next()}` };
  }

  async #make({ key, definition }: GroupRecord, from: number | undefined): Promise<void> {
    const { wire } = selectionOf(definition.source, definition.filter);
    const settings = { from, filter: wire, strategy: STRATEGIES[definition.orderBy] };
    try {
      await this.#parts.connection.run((client) => makeGroup(client, key, settings));
    } catch (error) {
      // The answer to the first try was lost: nobody else has this name.
      if (!isGroupThere(error)) throw error;
    }
  }

  /** Returns whether it was there. */
  async #unmake(key: GroupKey): Promise<boolean> {
    return this.#unlessGone(() => this.#parts.connection.run((client) => deleteGroup(client, key)));
  }

  async #isThere(key: GroupKey): Promise<boolean> {
    return this.#unlessGone(() => this.#parts.connection.run((client) => groupInfo(client, key)));
  }

  async #unlessGone(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isGroupGone(error)) throw error;
      return false;
    }
  }
}
