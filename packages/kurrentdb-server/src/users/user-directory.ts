import { status } from "@grpc/grpc-js";
import type { Position, Version } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { Follower, type FollowContext } from "../access/follower.ts";
import { Refusal } from "../wire/refusal.ts";
import { USER_CATEGORY, USER_STREAM_PREFIX, userAfter, type KnownUser } from "./user-record.ts";

interface Entry {
  readonly user: KnownUser | undefined;
  readonly version: Version;
}

/** All users of the store, as they are by what this server and others have written. */
export class UserDirectory {
  readonly #follower: Follower;
  /** By login name; those that are no more, too. */
  readonly #entries = new Map<string, Entry>();
  readonly #onChange: (login: string) => void;
  #waiting: { readonly place: Position; readonly resolve: () => void }[] = [];
  #seen = -1;
  #isLive = false;

  constructor(context: FollowContext, onChange: (login: string) => void) {
    this.#onChange = onChange;
    this.#follower = new Follower(context, {
      source: { category: USER_CATEGORY },
      from: "start",
      arrived: (events, upTo) => this.#arrived(events, upTo),
      live: (upTo) => {
        this.#isLive = true;
        this.#reached(upTo);
      },
      lost: () => {
        this.#isLive = false;
        this.#reached(Number.MAX_SAFE_INTEGER);
        this.#seen = -1;
      },
    });
  }

  /** Resolves when all users are known. Errors: those of the store. */
  start(): Promise<void> {
    return this.#follower.start();
  }

  /** Errors: unavailable, while what is written cannot be seen: a user may be no more. */
  find(login: string): KnownUser | undefined {
    this.#requireLive();
    return this.#entries.get(login)?.user;
  }

  /** Errors: unavailable. */
  all(): readonly KnownUser[] {
    this.#requireLive();
    return [...this.#entries.values()].flatMap(({ user }) => (user === undefined ? [] : [user]));
  }

  /** The version of the last event of a user's stream that was seen; `undefined` for none. */
  versionOf(login: string): Version | undefined {
    return this.#entries.get(login)?.version;
  }

  /** Resolves when everything up to a position has been seen, or cannot be seen any more. */
  async hasSeen(place: Position): Promise<void> {
    if (this.#seen >= place || !this.#isLive) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ place, resolve });
    });
  }

  #requireLive(): void {
    if (!this.#isLive) throw new Refusal(status.UNAVAILABLE, "The server cannot see the users in its store now. Try again.");
  }

  #arrived(events: readonly RecordedEvent[], upTo: Position | null): void {
    for (const event of events) {
      const login = event.stream.slice(USER_STREAM_PREFIX.length);
      this.#entries.set(login, { user: userAfter(event), version: event.version });
      this.#onChange(login);
    }
    this.#reached(upTo);
  }

  #reached(upTo: number | null): void {
    this.#seen = Math.max(this.#seen, upTo ?? -1);
    const ready = this.#waiting.filter(({ place }) => place <= this.#seen);
    this.#waiting = this.#waiting.filter(({ place }) => place > this.#seen);
    for (const { resolve } of ready) resolve();
  }
}
