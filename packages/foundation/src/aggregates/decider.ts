import type { ExpectedVersion, JsonValue, MessageMetadata, Version } from "@reactive-domain/core";
import type { EventBase } from "@reactive-domain/messaging";
import type { CorrelatedEventSource } from "./correlated-event-source.ts";
import { EventRecorder, type EventIdOf } from "./event-recorder.ts";
import type { SnapshotPolicy } from "./snapshot-source.ts";

/** When snapshots of a decider's state are written, and how. */
export interface DeciderSnapshots<S> extends SnapshotPolicy {
  /** The state as JSON data. Default: the state itself. */
  readonly take?: (state: S) => JsonValue;
  /** The state that {@link take} gave the data of. Default: the data. What it throws makes the snapshot worthless: the events are folded instead. */
  readonly restore?: (data: JsonValue) => S;
}

/**
 * An aggregate as three values: the state before anything happened, how an event changes it, and which events a command leads to. `C` and `E` are unions of
 * message classes; `instanceof` with a final `satisfies never` makes the compiler ask for every one of them.
 */
export interface Decider<C, S, E extends EventBase> {
  /** The stored name of its kind; its streams are called by it. */
  readonly type: string;
  readonly initial: S;
  /** Folds one event; does not change `state`. */
  evolve(state: S, event: E): S;
  /** Decides; throws to refuse. */
  decide(command: C, state: S): readonly E[];
  /** Default: no snapshots. */
  readonly snapshots?: DeciderSnapshots<S>;
}

/** One instance of a decider: the event source that repositories load and save. */
export class DeciderSource<C, S, E extends EventBase> implements CorrelatedEventSource {
  readonly id: string;
  readonly #decider: Decider<C, S, E>;
  readonly #recorder: EventRecorder;
  #state: S;

  constructor(decider: Decider<C, S, E>, id: string) {
    this.id = id;
    this.#decider = decider;
    this.#state = decider.initial;
    this.#recorder = new EventRecorder(`${decider.type} ${id}`);
  }

  get state(): S {
    return this.#state;
  }

  get expectedVersion(): ExpectedVersion {
    return this.#recorder.expectedVersion;
  }

  get pendingEvents(): readonly EventBase[] {
    return this.#recorder.pending;
  }

  /** Records what the command leads to. When deciding throws, nothing is recorded. */
  handle(command: C): void {
    for (const event of this.#decider.decide(command, this.#state)) {
      this.#recorder.stamp(event);
      this.#state = this.#decider.evolve(this.#state, event);
      this.#recorder.record(event);
    }
  }

  /** Takes the state of a snapshot over, on a new instance. */
  restoreFromSnapshot(state: S): void {
    this.#state = state;
  }

  restoreFromEvents(events: Iterable<EventBase>, version: Version): void {
    this.#recorder.restored(version);
    this.#fold(events);
  }

  updateWithEvents(events: Iterable<EventBase>, version: Version): void {
    this.#recorder.updated(version);
    this.#fold(events);
  }

  takeEvents(count?: number, lastVersion?: Version): readonly EventBase[] {
    return this.#recorder.take(count, lastVersion);
  }

  takeEventsAndContinue(count?: number, lastVersion?: Version): readonly EventBase[] {
    return this.#recorder.takeAndContinue(count, lastVersion);
  }

  correlateWith(source: MessageMetadata, eventIdOf: EventIdOf): void {
    this.#recorder.begin(source, eventIdOf);
  }

  uncorrelate(): void {
    this.#recorder.beginAlone();
  }

  #fold(events: Iterable<EventBase>): void {
    // The stream of a decider holds nothing but its own events: the context's serializer has refused any other type.
    for (const event of events) this.#state = this.#decider.evolve(this.#state, event as E);
  }
}
