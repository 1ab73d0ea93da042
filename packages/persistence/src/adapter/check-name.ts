import { InvalidArgument } from "@reactive-domain/core";
import { InvalidWrite } from "../errors.ts";

export const MAX_NAME_CHARACTERS = 512;
/** Of the owner of a lease, or of a delivery. */
export const MAX_OWNER_CHARACTERS = 256;

/** What is wrong with a text. */
interface TextProblem {
  readonly expected: string;
  readonly actual: string;
}

/** Refuses names that a store cannot keep or that are its own. Errors: `invalid-write`. */
export function checkName(name: string, what: string, maxCharacters: number = MAX_NAME_CHARACTERS): void {
  const problem = findNameProblem(name, maxCharacters);
  if (problem !== undefined) throw new InvalidWrite(what, problem.expected, problem.actual);
}

/** {@link checkName} for what stands in a log: there the system may have names of its own. Errors: `invalid-write`. */
export function checkLogName(
  name: string,
  what: string,
  allowsSystem: boolean | undefined,
  maxCharacters: number = MAX_NAME_CHARACTERS,
): void {
  if (allowsSystem === true) checkText(name, what, maxCharacters);
  else checkName(name, what, maxCharacters);
}

/** Refuses text that is blank, too long, or that a store cannot keep. Errors: `invalid-write`. */
export function checkText(text: string, what: string, maxCharacters: number): void {
  const problem = findTextProblem(text, maxCharacters);
  if (problem !== undefined) throw new InvalidWrite(what, problem.expected, problem.actual);
}

/** Refuses a name under which a store cannot keep anything, outside of a write. Errors: `invalid-argument`. */
export function checkNameToKeep(name: string, argument: string, maxCharacters: number = MAX_NAME_CHARACTERS): void {
  const problem = findNameProblem(name, maxCharacters);
  if (problem !== undefined) throw new InvalidArgument(argument, problem.expected, name);
}

/** Refuses text that is blank, too long, or that a store cannot keep, outside of a write. Errors: `invalid-argument`. */
export function checkTextToKeep(text: string, argument: string, maxCharacters: number): void {
  const problem = findTextProblem(text, maxCharacters);
  if (problem !== undefined) throw new InvalidArgument(argument, problem.expected, text);
}

function findNameProblem(name: string, maxCharacters: number): TextProblem | undefined {
  const problem = findTextProblem(name, maxCharacters);
  if (problem === undefined && name.startsWith("$")) return { expected: "without $ at its start, which is the system's", actual: name };
  return problem;
}

function findTextProblem(text: string, maxCharacters: number): TextProblem | undefined {
  if (typeof text !== "string" || text.trim() === "")
    return { expected: "text that is not blank", actual: JSON.stringify(text) ?? typeof text };
  if (text.length > maxCharacters) return { expected: `at most ${maxCharacters} characters long`, actual: `${text.length} long` };
  if (!text.isWellFormed() || text.includes("\0")) return { expected: "well-formed text without NUL", actual: JSON.stringify(text) };
  return undefined;
}

/** Errors: `invalid-write` unless it is an integer from `least`. */
export function checkInteger(value: unknown, what: string, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw new InvalidWrite(what, `an integer from ${least}`, String(value));
}

/** Refuses a name that no store has. Errors: `invalid-argument`. */
export function checkArgument(name: string, argument: string): void {
  if (typeof name !== "string" || name.trim() === "") throw new InvalidArgument(argument, "text that is not blank", name);
}

/** Refuses options that are none, where they may not be left out. Errors: `invalid-argument`. */
export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) throw new InvalidArgument("options", "an object", options);
}
