import { invalidArgument } from "../wire/refusal.ts";
import { ADMINS, OPS } from "../access/access-control-list.ts";

const MAX_CHARACTERS = 128;
const MAX_GROUPS = 100;
const MAX_PASSWORD_BYTES = 1_024;
const CONTROL = /\p{Cc}/u;

/** Errors: invalid argument for what no user can be called. Groups of the system begin with `$`, and a colon ends the name where a password follows. */
export function checkLogin(login: string): string {
  checkText("The login name", login);
  if (login.startsWith("$"))
    throw invalidArgument(`The login name ${login} begins with $, as groups of the system do. Choose another one.`);
  if (login.includes(":"))
    throw invalidArgument(`The login name ${login} has a colon, behind which a password would begin. Choose another one.`);
  return login;
}

/** Errors: invalid argument. */
export function checkFullName(fullName: string): string {
  if (fullName !== "") checkText("The full name", fullName);
  return fullName;
}

/** Errors: invalid argument. */
export function checkGroups(groups: readonly string[]): readonly string[] {
  if (groups.length > MAX_GROUPS) throw invalidArgument(`A user may be in ${MAX_GROUPS} groups, but this one is in ${groups.length}.`);
  for (const group of groups) {
    checkText("The name of a group", group);
    if (group.startsWith("$") && group !== ADMINS && group !== OPS)
      throw invalidArgument(`There is no group ${group}. Those of the system are ${ADMINS} and ${OPS}; others do not begin with $.`);
  }
  return [...new Set(groups)];
}

/** Errors: invalid argument, which does not show the password. */
export function checkPassword(password: string): string {
  if (password === "") throw invalidArgument("The password is empty. Choose one that nobody guesses.");
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) throw invalidArgument(`A password may have ${MAX_PASSWORD_BYTES} bytes of UTF-8.`);
  return password;
}

function checkText(what: string, text: string): void {
  if (text.trim() === "") throw invalidArgument(`${what} is blank.`);
  if (text.length > MAX_CHARACTERS) throw invalidArgument(`${what} has ${text.length} characters, but may have ${MAX_CHARACTERS}.`);
  if (CONTROL.test(text) || !text.isWellFormed())
    throw invalidArgument(`${what} has characters that cannot be shown: ${JSON.stringify(text)}.`);
  if (text !== text.trim()) throw invalidArgument(`${what} begins or ends with a blank: ${JSON.stringify(text)}.`);
}
