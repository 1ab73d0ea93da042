import { Option, type Command } from "commander";
import { measureLag, type MeasureLagOptions } from "./commands/projections/measure-lag.ts";
import { rebuildProjection, type RebuildProjectionOptions } from "./commands/projections/rebuild-projection.ts";
import { runProjections, type RunProjectionsOptions } from "./commands/projections/run-projections.ts";
import { verifyProjection, type VerifyProjectionOptions } from "./commands/projections/verify-projection.ts";
import { waitForProjection, type WaitForProjectionOptions } from "./commands/projections/wait-for-projection.ts";
import { durationMs } from "./duration.ts";
import type { Output } from "./output.ts";
import { atLeast, notBlank } from "./program-options.ts";
import { definedBy, handlingOptions, lanesOption, nameArgument } from "./projection-options.ts";
import type { Progress } from "./progress.ts";

/** The commands about projections for which their definitions are needed. */
export function addProjectionWork(projection: Command, output: Output, progress: Progress): void {
  addLag(projection, output);
  addWait(projection, output);
  addRebuild(projection, output, progress);
  addVerify(projection, output, progress);
  addRun(projection, output, progress);
}

function addLag(projection: Command, output: Output): void {
  ofOne(
    projection,
    "lag",
    "Tells what of its events is in the log and not in a projection. Ends with status 1 where that is more than it may be.",
  )
    .addOption(new Option("--max-events <number>", "the most events it may be behind").argParser(atLeast(0)))
    .addOption(new Option("--max-age <time>", "how old the oldest of them may be, like 30s or 5m").argParser(durationMs))
    .option("--json", "one JSON object: projection, events, ms, isWithin")
    .action((name: string, options: MeasureLagOptions) => measureLag(name, options, output));
}

function addWait(projection: Command, output: Output): void {
  ofOne(
    projection,
    "wait",
    "Waits until a projection has everything that is in the log now, whoever works on it. Ends with status 1 when that takes too long.",
  )
    .addOption(new Option("--timeout <time>", "how long to wait, like 30s or 5m; 30s without it").argParser(durationMs))
    .option("--json", "one JSON object: projection, isCaughtUp")
    .action((name: string, options: WaitForProjectionOptions) => waitForProjection(name, options, output));
}

function addRebuild(projection: Command, output: Output, progress: Progress): void {
  handlingOptions(
    ofOne(
      projection,
      "rebuild",
      "Builds a projection anew beside what answers, and puts it in its place. Stopped, like by Ctrl-C, it goes on when it is run again.",
    ),
  )
    .option("--compare", "tells at the end how the rows differ from those that answered before")
    .option("--no-swap", "leaves it beside what answers; the next rebuild goes on with it")
    .option("--accept-parked", "takes the place also with more parked events than what answered had")
    .addOption(lanesOption())
    .addOption(
      new Option("--key <key>", "makes anew what it has of one key alone")
        .argParser(notBlank)
        .conflicts(["compare", "swap", "acceptParked", "lanes"]),
    )
    .option(
      "--json",
      "one JSON object: projection, generation, handled, parked, isSwapped, durationMs, differences, tables; with --key projection, key, events",
    )
    .action((name: string, options: RebuildProjectionOptions) => rebuildProjection(name, options, output, progress));
}

function addVerify(projection: Command, output: Output, progress: Progress): void {
  handlingOptions(
    ofOne(
      projection,
      "verify",
      "Holds what a projection has against a fresh fold of the log, which is made beside it and forgotten. Ends with status 1 when they differ.",
    ),
  )
    .addOption(
      new Option("--samples <number>", "how many rows that differ are shown of each table and side; 10 without it").argParser(atLeast(0)),
    )
    .option("--json", "one JSON object: projection, isEqual, differences, tables (table, rows, onlyOne, onlyOther; the one is what it has)")
    .action((name: string, options: VerifyProjectionOptions) => verifyProjection(name, options, output, progress));
}

function addRun(projection: Command, output: Output, progress: Progress): void {
  handlingOptions(definedBy(projection.command("run")))
    .description(
      "Runs projections until it is told to end, like by Ctrl-C or SIGTERM, and tells their state now and then. A place for read models is made where there is none. Ends with status 1 where one has stopped for good; the others go on meanwhile.",
    )
    .argument("[names...]", "the projections; all of the module without them")
    .addOption(lanesOption())
    .addOption(new Option("--every <time>", "how often their state is told, like 30s or 5m; 10s without it").argParser(durationMs))
    .option("--json", "one JSON object a line: time, name, status, position, lag (events, ms), progressAgeMs, parked, failing, error")
    .action((names: readonly string[], options: RunProjectionsOptions) => runProjections(names, options, output, progress));
}

function ofOne(projection: Command, name: string, description: string): Command {
  return definedBy(projection.command(name).description(description).addArgument(nameArgument()));
}
