import { checkKeys, currentRuntime, InvalidArgument } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { openAccess } from "../access/access.ts";
import { Authenticator } from "../access/authenticator.ts";
import { ANONYMOUS } from "../access/principal.ts";
import { Principals } from "../access/principals.ts";
import { UserRefused } from "../errors.ts";
import { Refusal } from "../wire/refusal.ts";
import { Passwords } from "./passwords.ts";
import { UserDirectory } from "./user-directory.ts";
import { UserStore } from "./user-store.ts";
import { Users } from "./users.ts";

/** A user as the store has it, without what the password is recognised by. */
export interface StoreUser {
  readonly login: string;
  readonly fullName: string;
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
  readonly updatedAt: Date;
}

/** A user that is to be. */
export interface NewStoreUser {
  /** Up to 128 characters, without a colon, and without `$` at its start. */
  readonly login: string;
  /** Up to 1,024 bytes of UTF-8. */
  readonly password: string;
  /** Default: empty. */
  readonly fullName?: string;
  /** Of those that begin with `$` there are `$admins` and `$ops`. Default: none. */
  readonly groups?: readonly string[];
}

/** The users of a store, as long as they are not disposed of. The store stays open: it is its owner's. */
export interface StoreUsers extends Disposable {
  /** All of them, by login name. */
  list(): readonly StoreUser[];
  /** Errors: `user-refused`, where there is one of this name, or something cannot be so; `invalid-argument`. */
  add(user: NewStoreUser): Promise<void>;
  /** Errors: `user-refused`, `invalid-argument`. */
  setPassword(login: string, password: string): Promise<void>;
  /** Errors: `user-refused`. */
  remove(login: string): Promise<void>;
}

/**
 * Manages the users of a store in process, where no server need run and nobody is asked for a right: whoever has the store may do everything. Servers of the store that
 * run see what changes.
 *
 *     using users = await openUsers(store);
 *     await users.add({ login: "ann", password: "correct-horse-battery", groups: ["sales"] });
 *
 * Errors: those of the store.
 */
export async function openUsers(store: EventStore): Promise<StoreUsers> {
  const runtime = currentRuntime();
  const ended = new AbortController();
  const context = { store, runtime, ended: ended.signal };
  const directory = new UserDirectory(context, () => undefined);
  const passwords = new Passwords();
  const authenticator = new Authenticator({ runtime, users: directory, passwords, principals: new Principals(directory) });
  const users = new Users({ access: openAccess, authenticator, directory, passwords, store: new UserStore(context, directory) });
  try {
    await directory.start();
  } catch (error) {
    ended.abort();
    throw error;
  }
  return {
    list: () => directory.all().map(shown).toSorted(byLogin),
    async add(user) {
      checkNewUser(user);
      const { login, password, fullName = "", groups = [] } = user;
      await told(users.create(ANONYMOUS, { login, password, fullName, groups }));
    },
    async setPassword(login, password) {
      checkText("The login", login);
      checkText("The password", password);
      await told(users.resetPassword(ANONYMOUS, login, password));
    },
    remove: (login) => told(users.delete(ANONYMOUS, login)),
    [Symbol.dispose]: () => ended.abort(),
  };
}

function checkNewUser(user: NewStoreUser): void {
  checkKeys("user", user, ["login", "password", "fullName", "groups"]);
  const { login, password, fullName = "", groups = [] } = user;
  checkText("The login", login);
  checkText("The password", password);
  checkText("The full name", fullName);
  if (!Array.isArray(groups)) throw new InvalidArgument("The groups", "a list of their names", groups);
  for (const group of groups) checkText("The name of a group", group);
}

/** What it is instead is not shown: it may be a password. */
function checkText(what: string, value: unknown): void {
  if (typeof value !== "string") throw new InvalidArgument(what, "text", typeof value);
}

function shown({ login, fullName, groups, isDisabled, updatedAt }: StoreUser): StoreUser {
  return { login, fullName, groups, isDisabled, updatedAt };
}

function byLogin(one: StoreUser, other: StoreUser): number {
  return one.login < other.login ? -1 : 1;
}

/** What clients are told in their protocol, as an error of this library. */
async function told(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    throw error instanceof Refusal ? new UserRefused(error) : error;
  }
}
