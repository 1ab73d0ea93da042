import { Option, type Command } from "commander";
import { backUpStore, type BackUpStoreOptions } from "./commands/back-up-store.ts";
import { checkStore, type CheckStoreOptions } from "./commands/check-store.ts";
import { migrateStore } from "./commands/migrate-store.ts";
import { showSql } from "./commands/show-sql.ts";
import { showStatus, type ShowStatusOptions } from "./commands/show-status.ts";
import { vacuumStore } from "./commands/vacuum-store.ts";
import { MAINTAINED_FORMS, type MaintenanceOptions } from "./open-maintenance.ts";
import type { Output } from "./output.ts";
import { atLeast, notBlank, storeOption } from "./program-options.ts";

/** The commands that look after the place where a store keeps its events. */
export function addDb(program: Command, output: Output): void {
  const db = program.command("db").description("Looks after the file or database of a store, also while others work with it.");
  addStatus(db, output);
  addMigrate(db, output);
  addSql(db, output);
  addBackup(db, output);
  addCheck(db, output);
  addVacuum(db, output);
}

function addStatus(db: Command, output: Output): void {
  common(
    db,
    "status",
    "Tells size, schema, head, events, and how far checkpoints and consumer groups are behind. Changes nothing, whatever the schema's age.",
  )
    .option("--sizes", "also the size of each table and index, for which the whole store is read")
    .option("--json", "one JSON object")
    .action((options: ShowStatusOptions) => showStatus(options, output));
}

function addMigrate(db: Command, output: Output): void {
  common(
    db,
    "migrate",
    "Brings an old schema up to the newest, and makes a store where a database has none. Opening a store for writing does the same.",
  )
    .option("--json", "one JSON object: from, to")
    .action((options: MaintenanceOptions) => migrateStore(options, output));
}

function addSql(db: Command, output: Output): void {
  common(
    db,
    "sql",
    "Writes the SQL that db migrate would run on a PostgreSQL store, as a transaction, for somebody to read or to run. Changes nothing.",
  ).action((options: MaintenanceOptions) => showSql(options, output));
}

function addBackup(db: Command, output: Output): void {
  common(
    db,
    "backup",
    "Copies a SQLite store as it is at one moment; others go on writing. Under the target's name there is a whole, flushed and verified copy, or nothing.",
  )
    .addOption(new Option("--to <file>", "the copy, FILE or sqlite:FILE, which must not exist").argParser(notBlank).makeOptionMandatory())
    .option("--replace", "puts the copy in the place of what has its name, once it is whole")
    .option("--json", "one JSON object: target, bytes, head")
    .action((options: BackUpStoreOptions) => backUpStore(options, output));
}

function addCheck(db: Command, output: Output): void {
  common(
    db,
    "check",
    "Reads all of a store, and lists what is damaged or breaks a law of the log, one finding a line. Changes nothing. Ends with status 1 when there are findings.",
  )
    .addOption(
      new Option(
        "--json-events <number>",
        "how many of the last events are looked into for JSON that is none; 100000 without it",
      ).argParser(atLeast(0)),
    )
    .option("--json", "one JSON object a line: law, problem")
    .action((options: CheckStoreOptions) => checkStore(options, output));
}

function addVacuum(db: Command, output: Output): void {
  common(
    db,
    "vacuum",
    "Gives unused room back, as after a scavenge: that of a file to the disk, while others wait with their writes; that of a database to its tables, to be used again.",
  )
    .option("--json", "one JSON object: before, after, in bytes")
    .action((options: MaintenanceOptions) => vacuumStore(options, output));
}

function common(db: Command, name: string, description: string): Command {
  return db
    .command(name)
    .description(description)
    .addOption(storeOption(MAINTAINED_FORMS))
    .addOption(
      new Option("--busy-timeout <ms>", "how long others who have the store are waited for, in milliseconds; 5000 without it").argParser(
        atLeast(0),
      ),
    );
}
