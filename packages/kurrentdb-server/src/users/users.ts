import type { Access } from "../access/access.ts";
import type { Authenticator } from "../access/authenticator.ts";
import type { Principal } from "../access/principal.ts";
import { accessDenied } from "../wire/refusal.ts";
import type { Passwords } from "./passwords.ts";
import type { UserDirectory } from "./user-directory.ts";
import { checkFullName, checkGroups, checkLogin, checkPassword } from "./user-names.ts";
import type { KnownUser } from "./user-record.ts";
import { notFound, type UserStore } from "./user-store.ts";

/** A user that is to be. */
export interface NewUser {
  readonly login: string;
  readonly password: string;
  readonly fullName: string;
  readonly groups: readonly string[];
}

/** What managing users needs. */
export interface UsersParts {
  readonly access: Access;
  readonly authenticator: Authenticator;
  readonly directory: UserDirectory;
  readonly passwords: Passwords;
  readonly store: UserStore;
}

/** The users of the server, and what may be done to them. All of it checks who asks. Errors of all: access denied, invalid argument, unavailable. */
export class Users {
  readonly #parts: UsersParts;

  constructor(parts: UsersParts) {
    this.#parts = parts;
  }

  /** Errors: user conflict. */
  async create(principal: Principal, { login, password, fullName, groups }: NewUser): Promise<void> {
    const { access, passwords, store } = this.#parts;
    await access.toOperation(principal, "manageUsers");
    const user = { login: checkLogin(login), fullName: checkFullName(fullName), groups: checkGroups(groups), isDisabled: false };
    await store.create({ ...user, password: await passwords.keep(checkPassword(password)) });
  }

  /** Errors: user not found. */
  async update(principal: Principal, { login, fullName, groups }: Omit<NewUser, "password">): Promise<void> {
    await this.#parts.access.toOperation(principal, "manageUsers");
    const change = { fullName: checkFullName(fullName), groups: checkGroups(groups) };
    await this.#parts.store.update(login, () => change);
  }

  /** Errors: user not found. */
  async delete(principal: Principal, login: string): Promise<void> {
    await this.#parts.access.toOperation(principal, "manageUsers");
    await this.#parts.store.delete(login);
  }

  /** Errors: user not found. */
  async setDisabled(principal: Principal, login: string, isDisabled: boolean): Promise<void> {
    await this.#parts.access.toOperation(principal, "manageUsers");
    await this.#parts.store.update(login, () => ({ isDisabled }));
  }

  /** Everybody may see themselves. Errors: user not found. */
  async details(principal: Principal, login: string): Promise<KnownUser> {
    if (principal.name !== login) await this.#parts.access.toOperation(principal, "manageUsers");
    return this.#parts.directory.find(login) ?? notFound(login);
  }

  async all(principal: Principal): Promise<readonly KnownUser[]> {
    await this.#parts.access.toOperation(principal, "manageUsers");
    return this.#parts.directory.all();
  }

  /** Of oneself. Errors: unauthenticated, where the current password is not right. */
  async changePassword(principal: Principal, change: PasswordChange): Promise<void> {
    const { authenticator, passwords, store } = this.#parts;
    const { login, current, next, address } = change;
    if (principal.name !== login) throw accessDenied("Everybody changes their own password. An administrator resets those of others.");
    checkPassword(next);
    const { password: proven } = await authenticator.prove({ login, password: current }, address);
    const password = await passwords.keep(next);
    await store.update(login, (before) => {
      if (before.password !== proven) throw accessDenied(`The password of user ${login} has been changed meanwhile. Nothing was written.`);
      return { password };
    });
  }

  /** Errors: user not found. */
  async resetPassword(principal: Principal, login: string, next: string): Promise<void> {
    const { access, passwords, store } = this.#parts;
    await access.toOperation(principal, "manageUsers");
    const password = await passwords.keep(checkPassword(next));
    await store.update(login, () => ({ password }));
  }
}

export interface PasswordChange {
  readonly login: string;
  readonly current: string;
  readonly next: string;
  /** Where it comes from. */
  readonly address: string;
}
