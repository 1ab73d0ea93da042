import { InvalidArgumentError, Option } from "commander";

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
