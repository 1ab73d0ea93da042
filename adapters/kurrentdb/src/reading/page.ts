import type { RecordedEvent } from "@reactive-domain/persistence";

/** How much a page may still take. */
export interface Room {
  readonly events: number;
  readonly bytes: number;
}

/** Events as they come, as far as there is room. */
export class Page {
  readonly events: RecordedEvent[] = [];
  readonly #room: Room;
  /** Whether something is on the page already, so that it need not take an event that is larger than it. */
  readonly #isBegun: boolean;
  #bytes = 0;
  #isFull = false;

  constructor(room: Room, isBegun = false) {
    this.#room = room;
    this.#isBegun = isBegun;
  }

  /** Whether an event came that there was no room for: something follows. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** What is left of the room. */
  get left(): Room {
    return { events: this.#room.events - this.events.length, bytes: this.#room.bytes - this.#bytes };
  }

  /** Takes an event; returns whether there was room. */
  take(event: RecordedEvent): boolean {
    const bytes = lengthOf(event.data) + Buffer.byteLength(event.metadata);
    const isFirst = !this.#isBegun && this.events.length === 0;
    this.#isFull = this.events.length >= this.#room.events || (this.#bytes + bytes > this.#room.bytes && !isFirst);
    if (this.#isFull) return false;
    this.#bytes += bytes;
    this.events.push(event);
    return true;
  }
}

function lengthOf(data: string | Uint8Array): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
}
