import { derivedId, type Position, type Version } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { CommandAlreadyApplied } from "./errors.ts";

/** Recognises the events that one message led to in a stream, by their derived ids. */
export class AppliedWatch {
  readonly #sourceId: string;
  readonly #stream: string;
  /** The id that the first of them has. */
  readonly firstId: string;
  #awaitedId: string;
  #count = 0;
  #place: { readonly version: Version; readonly position: Position } | undefined;

  constructor(sourceId: string, stream: string) {
    this.#sourceId = sourceId;
    this.#stream = stream;
    this.firstId = derivedId(sourceId, stream, 0);
    this.#awaitedId = this.firstId;
  }

  see(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      if (event.id !== this.#awaitedId) continue;
      this.#place = event;
      this.#awaitedId = derivedId(this.#sourceId, this.#stream, ++this.#count);
    }
  }

  /** Errors: `command-already-applied`. */
  refuseApplied(): void {
    if (this.#place !== undefined) throw new CommandAlreadyApplied(this.#sourceId, this.#stream, this.#place);
  }
}
