import { Argument, Option, type Command } from "commander";
import { STORE_FORMS } from "./open-store.ts";
import { VIEWS_FORMS } from "./open-views.ts";
import { atLeast, notBlank, storeOption } from "./program-options.ts";

export function nameArgument(): Argument {
  return new Argument("<name>", "the projection's name").argParser(notBlank);
}

/** The option that says where projections are kept. */
export function viewsOption(): Option {
  return new Option("--views <url>", `where read models are kept: ${VIEWS_FORMS}`).argParser(notBlank).makeOptionMandatory();
}

/** The store, where a command can do without. */
export function heldAgainst(why: string): Option {
  return new Option("--store <url>", `the store of the events: ${STORE_FORMS}; ${why}`).argParser(notBlank);
}

/** The options of commands that need to know what projections do. */
export function definedBy(command: Command): Command {
  return command
    .addOption(
      new Option("--module <module>", "what exports projections and their bounded context: a file, or the name of a package")
        .argParser(notBlank)
        .makeOptionMandatory(),
    )
    .addOption(new Option("--context <name>", "which bounded context of the module, where it exports several").argParser(notBlank))
    .addOption(storeOption(STORE_FORMS))
    .addOption(viewsOption());
}

/** The options of commands that handle events. */
export function handlingOptions(command: Command): Command {
  return command
    .addOption(new Option("--attempts <number>", "how often an event is tried that fails; 5 without it").argParser(atLeast(1)))
    .addOption(
      new Option(
        "--finally <end>",
        "what becomes of one that fails as often: it is parked, or the projection stops; park without it",
      ).choices(["park", "stop"]),
    );
}

/** In how many lanes it is done. */
export function lanesOption(): Option {
  return new Option("--lanes <number>", "in how many lanes, each with a transaction of its own; of use in PostgreSQL").argParser(
    atLeast(1),
  );
}
