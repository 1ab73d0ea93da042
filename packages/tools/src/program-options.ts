import { InvalidArgumentError, Option, type Command } from "commander";

/** The option that names the store. */
export function storeOption(forms: string): Option {
  return new Option("--store <url>", `the store: ${forms}`).argParser(notBlank).makeOptionMandatory();
}

export function notBlank(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be blank.");
  return text;
}

export function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be an integer from ${least} to 2^53 - 1.`);
  };
}

/** The option that bounds a list. */
export function limitOption(what: string): Option {
  return new Option("--limit <number>", `the most ${what} to list; all of them without it`).argParser(atLeast(1));
}

/** The options that say which of the parked events are wanted. */
export function wantedParkedOptions(command: Command): Command {
  const positions = (text: string, before: readonly number[] = []): readonly number[] => [...before, atLeast(0)(text)];
  return command
    .addOption(new Option("--position <number>", "only the event at this position; may be given several times").argParser(positions))
    .addOption(new Option("--error <text>", "only those whose error contains this text").argParser(notBlank))
    .addOption(new Option("--limit <number>", "the most, the oldest first; all of them without it").argParser(atLeast(1)));
}
