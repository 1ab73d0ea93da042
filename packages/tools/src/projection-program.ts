import { Argument, type Command } from "commander";
import { changeProjection, type ChangeProjectionOptions, type ChangeWord } from "./commands/projections/change-projection.ts";
import { listParked, type ListParkedOptions } from "./commands/projections/list-parked.ts";
import { listProjections, type ListProjectionsOptions } from "./commands/projections/list-projections.ts";
import { replayParked, type ReplayParkedOptions } from "./commands/projections/replay-parked.ts";
import { showProjection } from "./commands/projections/show-projection.ts";
import type { Output } from "./output.ts";
import { limitOption, wantedParkedOptions } from "./program-options.ts";
import { heldAgainst, nameArgument, viewsOption } from "./projection-options.ts";
import { addProjectionWork } from "./projection-work-program.ts";
import type { Progress } from "./progress.ts";

/** The commands about projections. */
export function addProjections(program: Command, output: Output, progress: Progress): void {
  const projection = program
    .command("projection")
    .description("Looks at projections where they are kept, changes them, builds them anew, and runs them.");
  addList(projection, output);
  addStatus(projection, output);
  addProjectionWork(projection, output, progress);
  addChanges(projection, output);
  addParked(projection, output);
}

function addList(projection: Command, output: Output): void {
  projection
    .command("list")
    .description("Lists the projections by name: how far they are, what is parked, their generations, and who works on them.")
    .addOption(viewsOption())
    .addOption(heldAgainst("to tell how far they are behind at most; the lag command tells it exactly"))
    .option(
      "--json",
      "one JSON object a line: name, state, version, position, parked, pausedUntil, lag (events, ms; at most), revision, generations",
    )
    .action((options: ListProjectionsOptions) => listProjections(options, output));
}

function addStatus(projection: Command, output: Output): void {
  ofOne(projection, "status", "Tells how one projection is, with its generations.")
    .addOption(heldAgainst("to tell how far it is behind at most; the lag command tells it exactly"))
    .option("--json", "one JSON object, as list has them")
    .action((name: string, options: ListProjectionsOptions) => showProjection(name, options, output));
}

function addChanges(projection: Command, output: Output): void {
  const change = (command: Command, word: ChangeWord): Command =>
    command
      .option("--json", "one JSON object: projection, isChanged")
      .action((name: string, options: ChangeProjectionOptions) => changeProjection(name, word, options, output));
  change(ofOne(projection, "pause", "Has no worker commit any more, in any process, until it is resumed."), "pause");
  change(ofOne(projection, "resume", "Has its worker go on after a pause."), "resume");
  change(ofOne(projection, "rollback", "Puts back what was live before the last rebuild, which goes on from where it was."), "rollback");
  change(
    ofOne(projection, "reset", "Empties a projection: its worker makes it anew, and it answers with what it has meanwhile.").option(
      "--yes",
      "it is really meant",
    ),
    "reset",
  );
  ofOne(projection, "discard", "Forgets what is being built, or what was live before the last rebuild, with its tables.")
    .addArgument(new Argument("<what>", "which of them").choices(["building", "retired"]))
    .option("--json", "one JSON object: projection, isChanged")
    .action((name: string, what: "building" | "retired", options: ChangeProjectionOptions) =>
      changeProjection(name, `discard-${what}`, options, output),
    );
}

function addParked(projection: Command, output: Output): void {
  ofOne(projection, "parked", "Lists the events that failed, and those that wait behind them, by position.")
    .addOption(heldAgainst("to tell the types of the events"))
    .option("--building", "those of what is being built, not of what answers")
    .addOption(limitOption("events"))
    .option("--json", "one JSON object a line: position, type, key, state, attempts, since, error")
    .action((name: string, options: ListParkedOptions) => listParked(name, options, output));
  wantedParkedOptions(
    ofOne(projection, "replay", "Has parked events tried again by its worker, with what waits behind them: all, or those that are named."),
  )
    .option("--json", "one JSON object: projection, events")
    .action((name: string, options: ReplayParkedOptions) => replayParked(name, options, output));
}

function ofOne(projection: Command, name: string, description: string): Command {
  return projection.command(name).description(description).addArgument(nameArgument()).addOption(viewsOption());
}
