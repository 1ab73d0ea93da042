import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import { METADATA_TYPE } from "../metadata/described-stream.ts";
import { Refusal } from "../wire/refusal.ts";
import { aclOfMetadata, type AccessControlList, type DefaultName } from "./access-control-list.ts";
import { defaultAclsOf, SETTINGS_STREAM, type DefaultAcls } from "./default-acls.ts";
import { Follower, type FollowContext } from "./follower.ts";
import { KeptValues } from "./kept-values.ts";

/** What is set by the owner of the store, and not by a client, is in no event: after so long it is looked up again. */
const MAX_AGE_MS = 1_000;
const MAX_KEPT = 10_000;
/** What cannot be understood lets nobody in but administrators. */
const NOBODY: AccessControlList = { read: [], write: [], delete: [], metadataRead: [], metadataWrite: [] };

/** Looks up, and keeps for a while, what is said about who may do what. */
export class StreamAcls {
  readonly #context: FollowContext;
  readonly #ofStreams: KeptValues<AccessControlList | DefaultName | undefined>;
  readonly #defaults: KeptValues<DefaultAcls>;
  readonly #followers: readonly Follower[];
  readonly #onChange: (stream: string) => void;

  /** @param onChange Is told the stream about which something was said, or `$settings`. */
  constructor(context: FollowContext, onChange: (stream: string) => void) {
    this.#context = context;
    this.#onChange = onChange;
    const { clock } = context.runtime;
    this.#ofStreams = new KeptValues(clock, (stream) => this.#aclOf(stream), { maxAgeMs: MAX_AGE_MS, maxKept: MAX_KEPT });
    this.#defaults = new KeptValues(clock, () => this.#readDefaults(), { maxAgeMs: MAX_AGE_MS, maxKept: 1 });
    this.#followers = [
      this.#followerOf({ eventType: METADATA_TYPE }, (stream) => stream.slice("$$".length)),
      this.#followerOf({ stream: SETTINGS_STREAM }, (stream) => stream),
    ];
  }

  async start(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.start()));
  }

  /** The list of a stream; `undefined` where it has none. */
  of(stream: string): MaybePromise<AccessControlList | DefaultName | undefined> {
    return this.#ofStreams.get(stream);
  }

  defaults(): MaybePromise<DefaultAcls> {
    return this.#defaults.get(SETTINGS_STREAM);
  }

  /** Something was said about a stream, or the settings are others. */
  changed(stream: string): void {
    this.#ofStreams.forget(stream);
    if (stream === SETTINGS_STREAM) this.#defaults.forget(stream);
    this.#onChange(stream);
  }

  #followerOf(source: { readonly eventType: string } | { readonly stream: string }, name: (stream: string) => string): Follower {
    const [ofStreams, defaults] = [this.#ofStreams, this.#defaults];
    return new Follower(this.#context, {
      source,
      from: "end",
      arrived: (events) => events.forEach((event) => this.changed(name(event.stream))),
      live: () => undefined,
      lost: () => {
        ofStreams.clear();
        defaults.clear();
      },
    });
  }

  async #aclOf(stream: string): Promise<AccessControlList | DefaultName | undefined> {
    const { metadata } = await this.#context.store.streamInfo(stream);
    return understood(() => aclOfMetadata(metadata.custom), NOBODY);
  }

  async #readDefaults(): Promise<DefaultAcls> {
    for await (const { data } of this.#context.store.read({ stream: SETTINGS_STREAM }, { direction: "backwards", limit: 1 }))
      return understood(() => defaultAclsOf(data), { $userStreamAcl: NOBODY, $systemStreamAcl: NOBODY });
    return {};
  }
}

function understood<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return otherwise;
    throw error;
  }
}
