import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { checkConformance, type CheckConformanceOptions } from "./commands/check-conformance.ts";
import { copyLog, type CopyLogOptions } from "./commands/copy-log.ts";
import { describeModule, type DescribeModuleOptions } from "./commands/describe-module.ts";
import { listEvents, type ListEventsOptions } from "./commands/list-events.ts";
import { listStreams, type ListStreamsOptions } from "./commands/list-streams.ts";
import { COPY_FORMS } from "./copy-stores.ts";
import { addDb } from "./db-program.ts";
import { addGroups } from "./group-program.ts";
import { openStore, STORE_FORMS } from "./open-store.ts";
import type { Output } from "./output.ts";
import { atLeast, limitOption, notBlank, storeOption } from "./program-options.ts";
import type { Progress } from "./progress.ts";
import { addProjections } from "./projection-program.ts";
import { addServe } from "./serve-program.ts";
import { TRIAL_STORE_FORMS } from "./trial-stores.ts";
import { addUsers } from "./user-program.ts";

/** The option of every command that looks into a store. */
interface StoreOptions {
  readonly store: string;
}

/** The command line `reactive-domain`. */
export function createProgram(output: Output, progress: Progress): Command {
  const program = new Command("reactive-domain")
    .description(
      "Looks into an event store, looks after its file or database, tries out what a kind of store promises, copies one store to another, tells what the buses of a module handle, looks after projections and consumer groups, serves a store to clients of KurrentDB, and manages their users. Only db migrate, db vacuum, group replay and group delete change the store that --store names and leave its events as they are; copy writes to the store that --to names, serve lets its clients write, and user writes what is kept of users.",
    )
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "reactive-domain: ")) });
  addStreams(program, output);
  addEvents(program, output);
  addConformance(program, output, progress);
  addDb(program, output);
  addCopy(program, output, progress);
  addDescribe(program, output);
  addProjections(program, output, progress);
  addGroups(program, output);
  addServe(program, output, progress);
  addUsers(program, output);
  return program;
}

function addStreams(program: Command, output: Output): void {
  program
    .command("streams")
    .description("Lists the streams by name, with the number of their events and their version. Reads the whole log to count them.")
    .addOption(storeOption(STORE_FORMS))
    .option("--prefix <text>", "only streams whose name begins so")
    .addOption(limitOption("streams"))
    .option("--json", "one JSON object a line: stream, category, events, version")
    .action(async (options: ListStreamsOptions & StoreOptions) => {
      await using store = await openStore(options.store);
      await listStreams(store, options, output);
    });
}

function addEvents(program: Command, output: Output): void {
  program
    .command("events")
    .description("Lists events, one a line: position, time, stream, version, type, data.")
    .addOption(storeOption(STORE_FORMS))
    .addOption(new Option("--stream <name>", "only one stream").conflicts(["category", "type"]).argParser(notBlank))
    .addOption(new Option("--category <name>", "only the streams of one category").conflicts(["stream", "type"]).argParser(notBlank))
    .addOption(new Option("--type <name>", "only events of one type").conflicts(["stream", "category"]).argParser(notBlank))
    .addOption(new Option("--from <number>", "the first version with --stream, the first position otherwise").argParser(atLeast(0)))
    .addOption(limitOption("events"))
    .option("--backwards", "the last event first")
    .option(
      "--json",
      "one JSON object a line: position, stream, version, type, schemaVersion, id, time, contentType, data (dataBase64 for bytes), metadata",
    )
    .action(async (options: ListEventsOptions & StoreOptions) => {
      await using store = await openStore(options.store);
      await listEvents(store, options, output);
    });
}

function addConformance(program: Command, output: Output, progress: Progress): void {
  program
    .command("conformance")
    .description(
      "Runs the conformance cases of the event store port, and tells per guarantee how many are kept, failed, or need what the store lacks. " +
        "Each case gets an empty store of its own. With sqlite:FILE these are files in a temporary folder beside FILE, which is removed at the end; " +
        "FILE itself is never touched, and need not exist. With postgres://… these are schemas of the database, which are dropped at the end. Ends with status 1 when a case failed.",
    )
    .addOption(storeOption(TRIAL_STORE_FORMS))
    .option(
      "--only <id or text>",
      "only the guarantee with this id; or else the cases in whose name, promise or guarantee's id this text occurs",
    )
    .option("--json", "one JSON document: store, durability, gaps, guarantees (id, promise, passed, failed, gaps, lacking, cases), totals")
    .action((options: CheckConformanceOptions) => checkConformance(options, output, progress));
}

function addCopy(program: Command, output: Output, progress: Progress): void {
  program
    .command("copy")
    .description(
      "Copies all that a store holds to another one, which is made where it does not exist, with nothing changed: positions, times, snapshots, checkpoints, leases, groups. " +
        "Stopped, it goes on when it is run again. A source that is written meanwhile is copied as it was at one moment; the next run brings the rest.",
    )
    .addOption(new Option("--from <url>", `the store that is copied, for reading: ${COPY_FORMS}`).argParser(notBlank).makeOptionMandatory())
    .addOption(
      new Option("--to <url>", `an empty store, or the copy that was begun: ${COPY_FORMS}`).argParser(notBlank).makeOptionMandatory(),
    )
    .option("--no-verify", "do not read both and compare them at the end")
    .action((options: CopyLogOptions) => copyLog(options, output, progress));
}

function addDescribe(program: Command, output: Output): void {
  program
    .command("describe")
    .description(
      "Imports a module, and tells what the buses that it exports handle, by whom, and through which steps, and what its bounded contexts list. All that the module does when it is imported happens.",
    )
    .argument("<module>", "a file, or the name of a package, as seen from the working directory", notBlank)
    .option(
      "--json",
      "one JSON document: module, buses (name, kind, middleware, handlers), contexts (name, context, prefix, aggregates, events, commands, queries)",
    )
    .action((module: string, options: DescribeModuleOptions) => describeModule(module, options, output));
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };
  return manifest.version;
}
