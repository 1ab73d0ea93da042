import { checkMessage, type EventBase, type MessageBase } from "@reactive-domain/messaging";
import type { Decider, DeciderSource } from "../aggregates/decider.ts";
import type { GetOptions } from "./load-source.ts";
import type { SaveResult } from "./save-events.ts";
import type { SourceStore } from "./source-store.ts";
import { updateSource, type UpdateOptions } from "./update-source.ts";

/** Loads the state of a decider, and carries out its commands. */
export interface DeciderRepository<C, S> {
  /**
   * Loads, decides and saves; decides again on the new state when another writer was first, after a wait that grows and is drawn by lot.
   *
   * Errors: what `decide` throws, `command-already-applied`, `wrong-expected-version` when the attempts are used up, those of the store.
   */
  handle(id: string, command: C & MessageBase, options?: UpdateOptions): Promise<SaveResult>;
  /** The state today, or as of some time; the initial one where nothing had happened. Errors: `version-not-reached`, those of the store. */
  stateOf(id: string, options?: GetOptions): Promise<S>;
}

export class StoreDeciderRepository<C, S, E extends EventBase> implements DeciderRepository<C, S> {
  readonly #decider: Decider<C, S, E>;
  readonly #store: SourceStore<DeciderSource<C, S, E>>;

  constructor(decider: Decider<C, S, E>, store: SourceStore<DeciderSource<C, S, E>>) {
    this.#decider = decider;
    this.#store = store;
  }

  async handle(id: string, command: C & MessageBase, options?: UpdateOptions): Promise<SaveResult> {
    checkMessage(command);
    const change = (source: DeciderSource<C, S, E>): void => source.handle(command);
    const { events, position, repeated } = await updateSource(this.#store, { id, message: command, change }, options);
    return { events, position, repeated };
  }

  async stateOf(id: string, options?: GetOptions): Promise<S> {
    return (await this.#store.find(id, options))?.state ?? this.#decider.initial;
  }
}
