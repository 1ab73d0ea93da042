import { InvalidArgument } from "@reactive-domain/core";
import { InvalidWrite } from "../errors.ts";

const MAX_NAME_CHARACTERS = 512;

/** Refuses names that a store cannot keep or that are its own. Errors: `invalid-write`. */
export function checkName(name: string, what: string, maxCharacters: number = MAX_NAME_CHARACTERS): void {
  checkText(name, what, maxCharacters);
  if (name.startsWith("$")) throw new InvalidWrite(what, "without $ at its start, which is the system's", name);
}

/** Refuses text that is blank, too long, or that a store cannot keep. Errors: `invalid-write`. */
export function checkText(text: string, what: string, maxCharacters: number): void {
  if (typeof text !== "string" || text.trim() === "")
    throw new InvalidWrite(what, "text that is not blank", JSON.stringify(text) ?? typeof text);
  if (text.length > maxCharacters) throw new InvalidWrite(what, `at most ${maxCharacters} characters long`, `${text.length} long`);
  if (!text.isWellFormed() || text.includes("\0")) throw new InvalidWrite(what, "well-formed text without NUL", JSON.stringify(text));
}

/** Errors: `invalid-write` unless it is an integer from `least`. */
export function checkInteger(value: unknown, what: string, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw new InvalidWrite(what, `an integer from ${least}`, String(value));
}

/** Refuses a name that no store has. Errors: `invalid-argument`. */
export function checkArgument(name: string, argument: string): void {
  if (typeof name !== "string" || name.trim() === "") throw new InvalidArgument(argument, "text that is not blank", name);
}
