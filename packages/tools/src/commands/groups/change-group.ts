import { UsageError } from "../../errors.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { replayText, wantedOf, type WantedParked } from "../projections/replay-parked.ts";
import { changeGroups, lookAtGroups, type GroupOptions } from "./group-access.ts";

export interface DeleteGroupOptions extends GroupOptions {
  /** Whether it is really meant. */
  readonly yes?: boolean;
}

/** Has parked events of a group delivered again, and tells how many. */
export async function replayDeliveries(name: string, options: GroupOptions & WantedParked, output: Output): Promise<void> {
  const events = await changeGroups(options, (groups) => groups.replayParked(name, wantedOf(options)));
  await output.write([options.json === true ? JSON.stringify({ group: name, events }) : replayText(name, events)]);
}

/** Forgets a group with all that it has under way or parked. Throws {@link UsageError} where there is none, or it is not meant. */
export async function deleteGroup(name: string, options: DeleteGroupOptions, output: Output): Promise<void> {
  const { settledUpTo, waiting, claimed, parked } = await lookAtGroups(options, (groups) => groups.status(name));
  if (options.yes !== true)
    throw new UsageError(
      `Group ${printable(name)} would be forgotten: that everything up to position ${settledUpTo ?? "none"} is settled, and ${waiting} waiting, ${claimed} claimed and ${parked} parked events. Say --yes if that is meant.`,
    );
  await changeGroups(options, (groups) => groups.delete(name));
  await output.write([options.json === true ? JSON.stringify({ group: name, isDeleted: true }) : `${printable(name)} is forgotten.`]);
}
