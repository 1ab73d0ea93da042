import { UsageError } from "../../errors.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { passwordIn } from "../../serve-security.ts";
import { onUsers, USER_PASSWORD_VARIABLE, type UserOptions } from "./user-access.ts";

export interface PasswordOptions extends UserOptions {
  readonly passwordFile?: string;
}

export interface NewUserOptions extends PasswordOptions {
  readonly group?: readonly string[];
  readonly fullName?: string;
}

type Change = "added" | "password set" | "removed";

/** Makes a user. Throws `UsageError` where there is one of that name, or no password. */
export async function addUser(login: string, options: NewUserOptions, output: Output): Promise<void> {
  const password = await passwordOf(options);
  const { store, group: groups = [], fullName = "" } = options;
  await onUsers(store, (users) => users.add({ login, password, groups, fullName }));
  await tell(login, "added", options, output);
}

/** Sets the password of a user. Throws `UsageError` where there is no such user, or no password. */
export async function setPassword(login: string, options: PasswordOptions, output: Output): Promise<void> {
  const password = await passwordOf(options);
  await onUsers(options.store, (users) => users.setPassword(login, password));
  await tell(login, "password set", options, output);
}

/** Removes a user. Throws `UsageError` where there is no such user. */
export async function removeUser(login: string, options: UserOptions, output: Output): Promise<void> {
  await onUsers(options.store, (users) => users.remove(login));
  await tell(login, "removed", options, output);
}

async function passwordOf({ passwordFile }: PasswordOptions): Promise<string> {
  const password = passwordFile === undefined ? process.env[USER_PASSWORD_VARIABLE] : await passwordIn("--password-file", passwordFile);
  if (password !== undefined) return password;
  throw new UsageError(`The user needs a password. Give it by --password-file FILE, or set ${USER_PASSWORD_VARIABLE}.`);
}

function tell(login: string, change: Change, { json }: UserOptions, output: Output): Promise<void> {
  return output.write([json === true ? JSON.stringify({ login, change }) : `${printable(login)}: ${change}.`]);
}
