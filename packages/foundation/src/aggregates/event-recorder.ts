import {
  correlationFrom,
  InvalidArgument,
  version,
  type Correlation,
  type ExpectedVersion,
  type MessageMetadata,
  type Version,
} from "@reactive-domain/core";
import { classOf, correlate, EventBase } from "@reactive-domain/messaging";
import { UnitOfWorkEnded } from "./errors.ts";

/** The id of the n-th event that a unit of work raises, from 0. */
export type EventIdOf = (ordinal: number) => string;

interface UnitOfWork {
  readonly correlation: Correlation;
  readonly eventIdOf: EventIdOf;
  raised: number;
}

/** What every event source keeps beside its state: its version, its pending events, and the message that it is working for. */
export class EventRecorder {
  readonly #owner: string;
  #expectedVersion: ExpectedVersion = "noStream";
  #pending: EventBase[] = [];
  // All that were ever raised here: written twice, an instance would be taken for a repetition of itself. Made by the first, since most sources are only read.
  #raised: WeakSet<EventBase> | undefined;
  #unitOfWork: UnitOfWork | "none" | "ended" = "none";

  /** `owner` is what errors call it. */
  constructor(owner: string) {
    this.#owner = owner;
  }

  get expectedVersion(): ExpectedVersion {
    return this.#expectedVersion;
  }

  /** A list of its own: whoever holds it does not see it change. */
  get pending(): readonly EventBase[] {
    return [...this.#pending];
  }

  /** Correlates the events that are recorded from now on, until they are taken. Errors: `invalid-argument` with events pending. */
  begin(source: MessageMetadata, eventIdOf: EventIdOf): void {
    this.#refusePending();
    this.#unitOfWork = { correlation: correlationFrom(source), eventIdOf, raised: 0 };
  }

  /** Has the events that are recorded from now on begin chains of their own. Errors: `invalid-argument` with events pending. */
  beginAlone(): void {
    this.#refusePending();
    this.#unitOfWork = "none";
  }

  #refusePending(): void {
    if (this.#pending.length === 0) return;
    const what = `The number of pending events of ${this.#owner} at the start of a unit of work`;
    throw new InvalidArgument(what, "0", this.#pending.length, "Save first.");
  }

  /** Puts a new event into the chain of the unit of work. It is not recorded yet. Errors: `unit-of-work-ended`, `already-correlated`, `invalid-argument`. */
  stamp(event: EventBase): void {
    if (!(event instanceof EventBase)) throw new InvalidArgument("event", "an instance of a class made by Event", event);
    const unit = this.#unitOfWork;
    if (unit === "ended") throw new UnitOfWorkEnded(this.#owner);
    if (this.#raised?.has(event) === true)
      throw new InvalidArgument(`The number of earlier raises of this ${classOf(event).type}`, "0", 1, "Make a new instance.");
    if (unit === "none") return;
    const ordinal = unit.raised;
    correlate(event, unit.correlation, () => unit.eventIdOf(ordinal));
  }

  record(event: EventBase): void {
    if (typeof this.#unitOfWork === "object") this.#unitOfWork.raised++;
    this.#raised ??= new WeakSet();
    this.#raised.add(event);
    this.#pending.push(event);
  }

  /** Errors: `invalid-argument` when something happened before. */
  restored(at: Version): void {
    if (this.#expectedVersion !== "noStream" || this.#pending.length > 0) {
      throw new InvalidArgument(`Restoring ${this.#owner}`, "done once, on a new instance", `at version ${this.#expectedVersion}`);
    }
    this.#expectedVersion = at;
  }

  /** Errors: `invalid-argument` with events pending, or for a version that is not ahead. */
  updated(to: Version): void {
    if (this.#pending.length > 0)
      throw new InvalidArgument(
        `The number of pending events of ${this.#owner} at an update`,
        "0",
        this.#pending.length,
        "Take them first.",
      );
    if (typeof this.#expectedVersion === "number" && to <= this.#expectedVersion) {
      throw new InvalidArgument("version", `ahead of ${this.#expectedVersion}`, to);
    }
    this.#expectedVersion = to;
  }

  /** Ends the unit of work, if there is one. */
  take(count?: number, lastVersion?: Version): readonly EventBase[] {
    const taken = this.takeAndContinue(count, lastVersion);
    if (taken.length > 0 && typeof this.#unitOfWork === "object") this.#unitOfWork = "ended";
    return taken;
  }

  takeAndContinue(count: number = this.#pending.length, lastVersion?: Version): readonly EventBase[] {
    const taken = this.#pending.slice(0, count);
    if (taken.length === 0) return taken;
    this.#pending = this.#pending.slice(count);
    const before = typeof this.#expectedVersion === "number" ? this.#expectedVersion : -1;
    this.#expectedVersion = lastVersion ?? version(before + taken.length);
    return taken;
  }
}
