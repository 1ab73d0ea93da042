import { status } from "@grpc/grpc-js";
import type { Runtime } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, WrongExpectedVersion, type EventStore } from "@reactive-domain/persistence";
import { Refusal } from "../wire/refusal.ts";
import type { UserDirectory } from "./user-directory.ts";
import { USER_CREATED, USER_DELETED, USER_UPDATED, userData, userStreamOf, type KnownUser, type UserRecord } from "./user-record.ts";

/** Between a look and the write another server may change the user: hardly ever twice. */
const MAX_TRIES = 10;

type UserEvent = typeof USER_CREATED | typeof USER_UPDATED | typeof USER_DELETED;

/** Writes users, each in a stream of its own of which the last event counts. */
export class UserStore {
  readonly #store: EventStore;
  readonly #runtime: Runtime;
  readonly #directory: UserDirectory;

  constructor({ store, runtime }: { readonly store: EventStore; readonly runtime: Runtime }, directory: UserDirectory) {
    this.#store = store;
    this.#runtime = runtime;
    this.#directory = directory;
  }

  /** Errors: user conflict, where there is one of this name. */
  create(user: UserRecord): Promise<void> {
    return this.#write(user.login, (before) => {
      if (before !== undefined) throw userConflict(user.login);
      return [USER_CREATED, user];
    });
  }

  /** Leaves one that is there as it is. */
  createUnlessThere(user: UserRecord): Promise<void> {
    return this.#write(user.login, (before) => (before === undefined ? [USER_CREATED, user] : undefined));
  }

  /** Errors: user not found. */
  update(login: string, change: (before: KnownUser) => Partial<UserRecord>): Promise<void> {
    return this.#write(login, (before) => {
      const known = before ?? notFound(login);
      return [USER_UPDATED, { ...known, ...change(known) }];
    });
  }

  /** Errors: user not found. */
  delete(login: string): Promise<void> {
    return this.#write(login, (before) => [USER_DELETED, { ...(before ?? notFound(login)), password: undefined }]);
  }

  /** Resolves when this server has seen what it has written. */
  async #write(login: string, change: (before: KnownUser | undefined) => readonly [UserEvent, UserRecord] | undefined): Promise<void> {
    for (let tries = 1; ; tries++) {
      const changed = change(this.#directory.find(login));
      if (changed === undefined) return;
      try {
        await this.#append(login, ...changed);
        return;
      } catch (error) {
        if (!(error instanceof WrongExpectedVersion) || tries === MAX_TRIES) throw error;
        await this.#seeAll();
      }
    }
  }

  async #append(login: string, type: UserEvent, user: UserRecord): Promise<void> {
    const stream = userStreamOf(login);
    const event = {
      id: this.#runtime.ids.next(),
      type,
      schemaVersion: 1,
      contentType: JSON_CONTENT_TYPE,
      data: userData(user),
      metadata: "{}",
    };
    // Earlier events have earlier passwords: the next scavenge removes them.
    const { position } = await this.#store.write(
      [
        { kind: "append", stream, expectedVersion: this.#directory.versionOf(login) ?? "noStream", events: [event] },
        { kind: "metadata", stream, metadata: { maxCount: 1 } },
      ],
      { systemStreams: true },
    );
    if (position !== null) await this.#directory.hasSeen(position);
  }

  /** What another server wrote comes on its own way. */
  async #seeAll(): Promise<void> {
    for await (const { head } of this.#store.read({ all: true }, { direction: "backwards", limit: 1 }).batches())
      if (head !== null) await this.#directory.hasSeen(head);
  }
}

export function notFound(login: string): never {
  throw new Refusal(status.NOT_FOUND, `There is no user ${login}.`, { exception: "user-not-found", "login-name": login });
}

function userConflict(login: string): Refusal {
  return new Refusal(status.ALREADY_EXISTS, `There is a user ${login} already. Update it, or choose another name.`, {
    exception: "user-conflict",
    "login-name": login,
  });
}
