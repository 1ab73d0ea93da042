import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import { accessDenied, type Refusal } from "../wire/refusal.ts";
import { ADMINS, EVERY_USER, OPS } from "./access-control-list.ts";
import type { Access, Operation, StreamRight } from "./access.ts";
import type { Principal } from "./principal.ts";
import type { Principals } from "./principals.ts";
import { rightHolders, type SaidRights } from "./right-holders.ts";
import type { RightWatch } from "./right-watch.ts";
import type { StreamAcls } from "./stream-acls.ts";
import { unauthenticated } from "./unauthenticated.ts";

/** Who may do what is no matter of one stream, beside administrators; `undefined` for whoever reaches the server. */
const OPERATIONS: Readonly<Record<Operation, readonly string[] | undefined>> = {
  manageSubscriptions: [OPS],
  readSubscriptionStatistics: [EVERY_USER],
  manageProjections: [OPS],
  readProjections: [EVERY_USER],
  manageUsers: [],
  readNode: undefined,
};
const WORDS: Readonly<Record<StreamRight | Operation, string>> = {
  read: "read stream ",
  write: "write to stream ",
  delete: "delete stream ",
  metadataRead: "read the metadata of stream ",
  metadataWrite: "set the metadata of stream ",
  manageSubscriptions: "manage persistent subscriptions",
  readSubscriptionStatistics: "see persistent subscriptions",
  manageProjections: "manage projections",
  readProjections: "see projections",
  manageUsers: "manage users",
  readNode: "see the server",
};

/** Lets users do what lists and groups say, and who is no user nothing. */
export class GuardedAccess implements Access {
  readonly #acls: StreamAcls;
  readonly #principals: Principals;
  readonly #watch: RightWatch;

  constructor({ acls, principals, watch }: { readonly acls: StreamAcls; readonly principals: Principals; readonly watch: RightWatch }) {
    this.#acls = acls;
    this.#principals = principals;
    this.#watch = watch;
  }

  toStream(principal: Principal, right: StreamRight, stream: string): MaybePromise<void> {
    const allowed = this.allows(principal, right, stream);
    if (allowed === true) return undefined;
    return refuseUnless(allowed, () => denied(principal, WORDS[right] + stream));
  }

  allows(principal: Principal, right: StreamRight, stream: string): MaybePromise<boolean> {
    const roles = this.#rolesOf(principal);
    if (roles.length === 0) return false;
    if (roles.includes(ADMINS)) return true;
    const own = this.#acls.of(stream);
    const defaults = this.#acls.defaults();
    const isHolder = (said: SaidRights): boolean => rightHolders(right, stream, said).some((holder) => roles.includes(holder));
    if (own instanceof Promise || defaults instanceof Promise) return both(own, defaults).then(isHolder);
    return isHolder({ own, defaults });
  }

  toOperation(principal: Principal, operation: Operation): void {
    const holders = OPERATIONS[operation];
    if (holders === undefined) return;
    const roles = this.#rolesOf(principal);
    if (!roles.some((role) => role === ADMINS || holders.includes(role))) throw denied(principal, WORDS[operation]);
  }

  watch(principal: Principal, right: StreamRight, stream: string, end: (refusal: Refusal) => void): () => void {
    return this.#watch.add({ principal, stream, end, check: () => this.toStream(principal, right, stream) });
  }

  changed(stream: string): void {
    this.#acls.changed(stream);
  }

  /** What lists may call a user; nothing for who gave no name. Errors: unauthenticated, for who is no user any more; unavailable. */
  #rolesOf(principal: Principal): readonly string[] {
    if (principal.name === undefined) return [];
    const user = this.#principals.userOf(principal);
    if (user === undefined)
      throw unauthenticated(`User ${principal.name} has another password by now, or is no user any more. Log in again.`);
    return [user.login, EVERY_USER, ...user.groups];
  }
}

async function both(own: MaybePromise<SaidRights["own"]>, defaults: MaybePromise<SaidRights["defaults"]>): Promise<SaidRights> {
  return { own: await own, defaults: await defaults };
}

async function refuseUnless(allowed: MaybePromise<boolean>, refusal: () => Refusal): Promise<void> {
  if (!(await allowed)) throw refusal();
}

function denied({ name }: Principal, what: string): Refusal {
  if (name === undefined) return accessDenied(`Who gives no user name and password may not ${what}. Give the client both.`);
  return accessDenied(`User ${name} may not ${what}. Ask an administrator for the right, or log in as another user.`);
}
