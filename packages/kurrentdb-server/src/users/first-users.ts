import { InvalidArgument } from "@reactive-domain/core";
import { ADMINS, OPS } from "../access/access-control-list.ts";
import type { Passwords } from "./passwords.ts";
import type { UserDirectory } from "./user-directory.ts";
import type { UserStore } from "./user-store.ts";

/** With which passwords the users of a new store begin. */
export interface FirstPasswords {
  readonly admin: string | undefined;
  readonly ops: string | undefined;
}

/** What making users needs. */
export interface UserParts {
  readonly directory: UserDirectory;
  readonly passwords: Passwords;
  readonly store: UserStore;
}

/** Makes the users without whom nobody could do anything. Errors: `invalid-argument`, where the store has no administrator and no password for one is given. */
export async function makeFirstUsers(parts: UserParts, { admin, ops }: FirstPasswords): Promise<void> {
  const hasAdmin = parts.directory
    .all()
    .some(({ groups, isDisabled, password }) => groups.includes(ADMINS) && !isDisabled && password !== undefined);
  if (!hasAdmin) await makeAdmin(parts, admin);
  if (ops !== undefined && parts.directory.versionOf("ops") === undefined)
    await make(parts, { login: "ops", fullName: "Operations", groups: [OPS] }, ops);
}

async function makeAdmin(parts: UserParts, password: string | undefined): Promise<void> {
  if (password === undefined)
    throw new InvalidArgument(
      "options.adminPassword",
      "the password that user admin is to have",
      undefined,
      "The store has no user of group $admins yet, so that nobody could do anything.",
    );
  await make(parts, { login: "admin", fullName: "Administrator", groups: [ADMINS] }, password);
}

interface FirstUser {
  readonly login: string;
  readonly fullName: string;
  readonly groups: readonly string[];
}

/** One that is of no use is made anew. Another server that begins at the same time may be faster: then its word counts. */
async function make({ directory, passwords, store }: UserParts, user: FirstUser, text: string): Promise<void> {
  const known = directory.find(user.login);
  const password = await passwords.keep(text);
  const record = { ...user, isDisabled: false, password };
  if (known === undefined) await store.createUnlessThere(record);
  else await store.update(user.login, () => record);
}
