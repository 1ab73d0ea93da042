import { fnv1a } from "../fnv1a.ts";
import type { NewEvent, Snapshot } from "@reactive-domain/persistence";

/** What a source and its state cost beside what is known of its events, in bytes. */
const BASE_BYTES = 1_024;
/** What is known of an event, and its part of the state beside its data. */
const EVENT_BYTES = 64;

/**
 * What a cache knows of the events that a source was folded from: the last one's id, whether one may be among them, and about how many bytes they left in memory.
 */
export class EventTrail {
  readonly #fingerprints = new Set<number>();
  #lastId: string | undefined;
  #bytes = BASE_BYTES;
  #isWhole = true;

  /** `undefined` where no event behind a snapshot was seen yet. */
  get lastId(): string | undefined {
    return this.#lastId;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether all events of the stream were seen, rather than a snapshot of the first ones. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  beginBehindSnapshot({ data }: Snapshot): void {
    this.#isWhole = false;
    this.#bytes += data.length;
  }

  add(events: readonly Pick<NewEvent, "id" | "data">[]): void {
    for (const { id, data } of events) {
      this.#fingerprints.add(fingerprint(id));
      this.#bytes += EVENT_BYTES + data.length;
    }
    this.#lastId = events.at(-1)?.id ?? this.#lastId;
  }

  /** Whether an event of this id may have been seen. "No" is certain; "yes" is wrong once in some hundred million times. */
  mayHave(id: string): boolean {
    return this.#fingerprints.has(fingerprint(id));
  }
}

/** 30 bits of a text (FNV-1a, folded): small integers, which a set keeps without objects of their own. */
function fingerprint(id: string): number {
  const hash = fnv1a(id);
  return (hash ^ (hash >>> 31)) & 0x3f_ff_ff_ff;
}
