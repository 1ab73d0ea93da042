import { createHmac, randomBytes } from "node:crypto";
import { sleep, type Runtime } from "@reactive-domain/core";
import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import type { Passwords } from "../users/passwords.ts";
import type { UserDirectory } from "../users/user-directory.ts";
import type { KnownUser } from "../users/user-record.ts";
import type { Refusal } from "../wire/refusal.ts";
import { addressGroup } from "./address-group.ts";
import { Attempts } from "./attempts.ts";
import { credentialsOf, type Credentials } from "./credentials.ts";
import { ANONYMOUS, type Principal } from "./principal.ts";
import type { Principals } from "./principals.ts";
import { unauthenticated } from "./unauthenticated.ts";

const KEY_BYTES = 32;
const MAX_REMEMBERED = 10_000;
/** Who fails more often from one address is refused for a while, whichever user it claims to be. */
const OF_ADDRESS = { most: 20, refillMs: 5_000 };
/** If a user is claimed in vain more often, from wherever, further claims wait: whoever it really is comes in all the same. */
const OF_LOGIN = { most: 50, refillMs: 1_000 };
const WAIT_MS = 1_000;

/** What is needed to know who calls. */
export interface AuthenticatorParts {
  readonly runtime: Runtime;
  readonly users: UserDirectory;
  readonly passwords: Passwords;
  readonly principals: Principals;
}

/** Says who calls, by name and password. What was found right is remembered, without the password: not every call costs a check. */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #key = randomBytes(KEY_BYTES);
  readonly #remembered = new Map<string, Principal>();
  readonly #checking = new Map<string, Promise<Principal>>();
  /** Checks under way, by the address that they are for. */
  readonly #underWay = new Map<string, Set<Promise<unknown>>>();
  readonly #ofAddress: Attempts;
  readonly #ofLogin: Attempts;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    this.#ofAddress = new Attempts(parts.runtime.clock, OF_ADDRESS);
    this.#ofLogin = new Attempts(parts.runtime.clock, OF_LOGIN);
  }

  /** Errors: unauthenticated, unavailable. */
  authenticate(authorization: string | undefined, address = ""): MaybePromise<Principal> {
    if (authorization === undefined) return ANONYMOUS;
    const credentials = credentialsOf(authorization);
    const key = createHmac("sha256", this.#key).update(`${credentials.login}:${credentials.password}`).digest("base64");
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined && this.#parts.principals.isCurrent(remembered)) return remembered;
    this.#remembered.delete(key);
    return this.#checking.get(key) ?? this.#checked(key, credentials, address);
  }

  /** Whether a password is a user's, with the same limits to who tries. Errors: unauthenticated, unavailable. */
  async prove(credentials: Credentials, address: string): Promise<KnownUser> {
    const from = addressGroup(address);
    await this.#takeAttempt(from);
    const check = this.#userOf(credentials);
    const underWay = this.#underWay.get(from) ?? new Set();
    this.#underWay.set(from, underWay.add(check));
    let isFailure = false;
    try {
      const user = await check;
      isFailure = user === undefined;
      if (user === undefined) throw wrong();
      return user;
    } finally {
      // What could not be found out is no failure of who asked.
      if (!isFailure) {
        this.#ofAddress.giveBack(from);
        this.#ofLogin.giveBack(credentials.login);
      }
      underWay.delete(check);
      if (underWay.size === 0) this.#underWay.delete(from);
    }
  }

  /** Where all attempts of an address are under way, it waits for what becomes of them: many users may come from one. Errors: unauthenticated. */
  async #takeAttempt(from: string): Promise<void> {
    for (;;) {
      const waitMs = this.#ofAddress.take(from);
      if (waitMs === 0) return;
      const underWay = this.#underWay.get(from);
      if (underWay === undefined) throw tooOften(waitMs);
      await Promise.allSettled([Promise.race(underWay)]);
    }
  }

  /** Whose name and password it is; nobody's where it is wrong. Errors: unavailable. */
  async #userOf({ login, password }: Credentials): Promise<KnownUser | undefined> {
    const { passwords, runtime, users } = this.#parts;
    if (this.#ofLogin.take(login) > 0) await sleep(WAIT_MS, { runtime });
    const user = users.find(login);
    const isRight = await passwords.isRight(password, user?.password);
    // Meanwhile it may have been changed.
    const isUser = isRight && user !== undefined && !user.isDisabled && users.find(login)?.password === user.password;
    return isUser ? user : undefined;
  }

  async #checked(key: string, credentials: Credentials, address: string): Promise<Principal> {
    const check = this.#proven(credentials, address);
    this.#checking.set(key, check);
    try {
      const principal = await check;
      const [oldest] = this.#remembered.size >= MAX_REMEMBERED ? this.#remembered.keys() : [];
      if (oldest !== undefined) this.#remembered.delete(oldest);
      this.#remembered.set(key, principal);
      return principal;
    } finally {
      this.#checking.delete(key);
    }
  }

  async #proven(credentials: Credentials, address: string): Promise<Principal> {
    return this.#parts.principals.of(await this.prove(credentials, address));
  }
}

/** The same for a wrong password, an unknown and a disabled user: who guesses learns nothing. */
function wrong(): Refusal {
  return unauthenticated("The user name or the password is wrong, or the user is disabled.");
}

function tooOften(waitMs: number): Refusal {
  return unauthenticated(`Too many attempts to log in from this address have failed. Try again in ${Math.ceil(waitMs / 1_000)} seconds.`);
}
