import type { Command } from "commander";
import { deleteGroup, replayDeliveries, type DeleteGroupOptions } from "./commands/groups/change-group.ts";
import type { GroupOptions } from "./commands/groups/group-access.ts";
import { listGroups, showGroup } from "./commands/groups/list-groups.ts";
import { listParkedDeliveries, type ListParkedDeliveriesOptions } from "./commands/groups/list-parked-deliveries.ts";
import type { WantedParked } from "./commands/projections/replay-parked.ts";
import { STORE_FORMS } from "./open-store.ts";
import type { Output } from "./output.ts";
import { limitOption, notBlank, storeOption, wantedParkedOptions } from "./program-options.ts";

/** The commands about consumer groups of a store. */
export function addGroups(program: Command, output: Output): void {
  const group = program.command("group").description("Looks at the consumer groups of a store, and after what they have parked.");
  common(group, "list", "Lists the groups by name: how far they are, and what is under way or parked.")
    .option("--json", "one JSON object a line: name, definition, settledUpTo, head, lag, waiting, claimed, parked")
    .action((options: GroupOptions) => listGroups(options, output));
  ofOne(group, "status", "Tells how one group is, and what it takes from the log.")
    .option("--json", "one JSON object, as list has them")
    .action((name: string, options: GroupOptions) => showGroup(name, options, output));
  ofOne(group, "parked", "Lists the events that a group has given up, by position.")
    .addOption(limitOption("events"))
    .option("--json", "one JSON object a line: position, stream, version, type, attempts, parkedAt, error")
    .action((name: string, options: ListParkedDeliveriesOptions) => listParkedDeliveries(name, options, output));
  wantedParkedOptions(
    ofOne(group, "replay", "Has parked events delivered again, and tells how many: all of them, or those that are named."),
  )
    .option("--json", "one JSON object: group, events")
    .action((name: string, options: GroupOptions & WantedParked) => replayDeliveries(name, options, output));
  ofOne(group, "delete", "Forgets a group with all that it has under way or parked.")
    .option("--yes", "it is really meant")
    .option("--json", "one JSON object: group, isDeleted")
    .action((name: string, options: DeleteGroupOptions) => deleteGroup(name, options, output));
}

function ofOne(group: Command, name: string, description: string): Command {
  return common(group, name, description).argument("<name>", "the group's name", notBlank);
}

function common(group: Command, name: string, description: string): Command {
  return group.command(name).description(description).addOption(storeOption(STORE_FORMS));
}
