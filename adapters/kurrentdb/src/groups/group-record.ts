import type { CompleteGroupDefinition } from "@reactive-domain/persistence/adapter";
import type { GroupKey } from "../wire/group-key.ts";

/** What is kept of a consumer group. */
export interface GroupRecord {
  readonly name: string;
  readonly definition: CompleteGroupDefinition;
  /** The persistent subscription behind it: another one for each time that a group is made. */
  readonly key: GroupKey;
  /** What is up to this position is not of the group; -1 where it begins with the log. */
  readonly after: number;
}
