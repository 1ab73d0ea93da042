import type { Runtime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { FollowContext } from "./follower.ts";
import { makeFirstUsers, type FirstPasswords } from "../users/first-users.ts";
import { Passwords } from "../users/passwords.ts";
import { UserDirectory } from "../users/user-directory.ts";
import { UserStore } from "../users/user-store.ts";
import { Users } from "../users/users.ts";
import { openAccess, type Access } from "./access.ts";
import { openToEverybody, type Authenticate } from "./authenticate.ts";
import { Authenticator } from "./authenticator.ts";
import { GuardedAccess } from "./guarded-access.ts";
import { Principals } from "./principals.ts";
import { RightWatch } from "./right-watch.ts";
import { StreamAcls } from "./stream-acls.ts";

/** How a server knows who calls, and what they may do. */
export interface Security {
  readonly access: Access;
  readonly authenticate: Authenticate;
  /** `undefined` where there are none. */
  readonly users: Users | undefined;
  /** Errors: `invalid-argument`, and those of the store. */
  open(): Promise<void>;
  close(): void;
}

/** Everybody may do everything. */
export const noSecurity: Security = {
  access: openAccess,
  authenticate: openToEverybody,
  users: undefined,
  open: () => Promise.resolve(),
  close: () => undefined,
};

/** Users and lists of the store say who may do what. */
export function securityOf(store: EventStore, runtime: Runtime, first: FirstPasswords): Security {
  const ended = new AbortController();
  const context: FollowContext = { store, runtime, ended: ended.signal };
  const watch = new RightWatch(runtime);
  const acls = new StreamAcls(context, (stream) => watch.streamChanged(stream));
  const directory = new UserDirectory(context, (login) => watch.userChanged(login));
  const principals = new Principals(directory);
  const passwords = new Passwords();
  const userStore = new UserStore(context, directory);
  const authenticator = new Authenticator({ runtime, users: directory, passwords, principals });
  const access = new GuardedAccess({ acls, principals, watch });
  return {
    access,
    authenticate: (authorization, address) => authenticator.authenticate(authorization, address),
    users: new Users({ access, authenticator, directory, passwords, store: userStore }),
    async open() {
      try {
        await Promise.all([acls.start(), directory.start()]);
        await makeFirstUsers({ directory, passwords, store: userStore }, first);
      } catch (error) {
        ended.abort();
        throw error;
      }
    },
    close: () => ended.abort(),
  };
}
