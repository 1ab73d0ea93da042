import { metadataOf, type EventBase, type MessageBase } from "@reactive-domain/messaging";
import type { CallOptions } from "@reactive-domain/persistence";
import { DeciderSource, type Decider } from "../aggregates/decider.ts";
import { arm } from "./correlated-repository.ts";
import { loadEvents, type GetOptions } from "./load-events.ts";
import type { RepositoryAccess } from "./repository.ts";
import { saveEvents, type SaveResult } from "./save-events.ts";

/** Loads the state of a decider, and carries out its commands. */
export interface DeciderRepository<C, S> {
  /** Loads, decides and saves. Errors: what `decide` throws, `command-already-applied`, `wrong-expected-version`, those of the store. */
  handle(id: string, command: C & MessageBase, options?: CallOptions): Promise<SaveResult>;
  /** The state today, or as of some time; the initial one where nothing had happened. Errors: `version-not-reached`, those of the store. */
  stateOf(id: string, options?: GetOptions): Promise<S>;
}

export class StoreDeciderRepository<C, S, E extends EventBase> implements DeciderRepository<C, S> {
  readonly #decider: Decider<C, S, E>;
  readonly #access: RepositoryAccess;

  constructor(decider: Decider<C, S, E>, access: RepositoryAccess) {
    this.#decider = decider;
    this.#access = access;
  }

  async handle(id: string, command: C & MessageBase, options?: CallOptions): Promise<SaveResult> {
    const source = new DeciderSource(this.#decider, id);
    const stream = this.#streamOf(id);
    await loadEvents(this.#access, source, stream, { ...options, sourceId: metadataOf(command).id });
    arm(source, command, stream);
    source.handle(command);
    return saveEvents(this.#access, [{ source, stream }], options);
  }

  async stateOf(id: string, options?: GetOptions): Promise<S> {
    const source = new DeciderSource(this.#decider, id);
    await loadEvents(this.#access, source, this.#streamOf(id), options);
    return source.state;
  }

  #streamOf(id: string): string {
    return this.#access.streamNames.forAggregate(this.#decider.type, id);
  }
}
