import type { UserDirectory } from "../users/user-directory.ts";
import type { KeptPassword } from "../users/kept-password.ts";
import type { KnownUser } from "../users/user-record.ts";
import type { Principal } from "./principal.ts";

/** Who has proved who it is, and whether that still holds. */
export class Principals {
  readonly #users: UserDirectory;
  /** By which password. */
  readonly #provenBy = new WeakMap<Principal, KeptPassword>();

  constructor(users: UserDirectory) {
    this.#users = users;
  }

  of({ login, groups, password }: KnownUser): Principal {
    const principal = { name: login, groups };
    if (password !== undefined) this.#provenBy.set(principal, password);
    return principal;
  }

  /** The user as it is now; `undefined` where it is no more, is disabled, or has another password. Errors: unavailable. */
  userOf(principal: Principal): KnownUser | undefined {
    const { name } = principal;
    const user = name === undefined ? undefined : this.#users.find(name);
    const isSame = user?.password !== undefined && user.password.hash === this.#provenBy.get(principal)?.hash;
    return isSame && !user.isDisabled ? user : undefined;
  }

  /** Errors: unavailable. */
  isCurrent(principal: Principal): boolean {
    return this.userOf(principal) !== undefined;
  }
}
