import { version, type ExpectedVersion } from "@reactive-domain/core";
import {
  JSON_CONTENT_TYPE,
  type AppendItem,
  type Capability,
  type ExpectItem,
  type Gaps,
  type NewEvent,
  type StreamMetadata,
  type WriteItem,
} from "@reactive-domain/persistence";
import type { Chance } from "./chance.ts";
import { CORRELATION_IDS, STREAMS, TYPES } from "./script-names.ts";
import { StoreModel } from "./store-model.ts";

const METADATA = ["{}", "{}", '{"correlationId":7}', ...CORRELATION_IDS.map((correlationId) => JSON.stringify({ correlationId }))] as const;

/** Makes writes that are often right, and often nearly: it follows on a model what a single caller would find. */
export class WriteGenerator {
  readonly #chance: Chance;
  readonly #gaps: Gaps;
  readonly #earlier: (readonly WriteItem[])[] = [];
  #model = new StoreModel();
  #events = 0;

  constructor(chance: Chance, gaps: Gaps) {
    this.#chance = chance;
    this.#gaps = gaps;
  }

  /** The model after all writes. */
  get model(): StoreModel {
    return this.#model;
  }

  has(capability: Capability): boolean {
    return this.#gaps[capability] === undefined;
  }

  write(): readonly WriteItem[] {
    const items = this.#earlier.length > 0 && this.#chance.oneIn(6) ? this.#repeat() : this.#newItems();
    this.#earlier.push(items);
    this.#model = this.#model.write(items).model;
    return items;
  }

  scavenge(): void {
    this.#model = this.#model.scavenge().model;
  }

  /** A write of before: as it was, or with other beliefs, or a part of it. */
  #repeat(): readonly WriteItem[] {
    const items = this.#chance.of(this.#earlier as [WriteItem[]]);
    return this.#chance.weighted([
      [2, () => items],
      [1, () => items.map((item) => this.#withOtherBelief(item))],
      [1, () => items.slice(0, 1)],
      [1, () => items.map(reversed)],
    ]);
  }

  #withOtherBelief(item: WriteItem): WriteItem {
    if (item.kind === "expect") return this.#expectation(item.stream);
    return "expectedVersion" in item ? { ...item, expectedVersion: this.#expected(item.stream) } : item;
  }

  #newItems(): readonly WriteItem[] {
    const count = this.has("severalItems") ? this.#chance.of([1, 1, 1, 2, 3]) : 1;
    const first = this.#chance.below(STREAMS.length);
    return Array.from({ length: count }, (_, index) => this.#item(STREAMS[(first + index) % STREAMS.length] ?? STREAMS[0]));
  }

  #item(stream: string): WriteItem {
    const expected = (): ExpectedVersion => this.#expected(stream);
    return this.#chance.weighted<WriteItem>([
      [16, () => this.#append(stream)],
      [this.has("streamMetadata") ? 4 : 0, () => ({ kind: "metadata", stream, metadata: this.#metadata() })],
      [this.has("softDelete") ? 3 : 0, () => ({ kind: "delete", stream, expectedVersion: expected() })],
      [this.has("expectations") ? 3 : 0, () => this.#expectation(stream)],
      [this.has("tombstones") ? 1 : 0, () => ({ kind: "tombstone", stream, expectedVersion: expected() })],
    ]);
  }

  #append(stream: string): AppendItem {
    const events = Array.from({ length: this.#chance.of([1, 1, 2, 3]) }, () => this.#event());
    const distinct = events.filter(({ id }, index) => events.findIndex((event) => event.id === id) === index);
    return { kind: "append", stream, expectedVersion: this.#expected(stream), events: distinct };
  }

  #expectation(stream: string): ExpectItem {
    const expected = this.#expected(stream);
    return { kind: "expect", stream, expectedVersion: expected === "any" ? (this.#model.lastVersion(stream) ?? "noStream") : expected };
  }

  /** An event with an id of its own, or of one before, in whatever stream. */
  #event(): NewEvent {
    const number = this.#events++;
    const id = number > 0 && this.#chance.oneIn(8) ? this.#chance.below(number) : number;
    return {
      id: `00000000-0000-7000-8000-${String(id).padStart(12, "0")}`,
      type: this.#chance.of(TYPES),
      schemaVersion: 1,
      contentType: JSON_CONTENT_TYPE,
      data: this.#chance.oneIn(6) ? `{ "n": ${number} }` : `{"n":${number}}`,
      metadata: this.#chance.of(METADATA),
    };
  }

  #expected(stream: string): ExpectedVersion {
    const last = this.#model.lastVersion(stream);
    return this.#chance.weighted<ExpectedVersion>([
      [4, () => "any"],
      [1, () => "noStream"],
      [1, () => "exists"],
      [4, () => last ?? "noStream"],
      [2, () => version(Math.max(0, (last ?? 0) + this.#chance.of([-1, 0, 1])))],
    ]);
  }

  #metadata(): StreamMetadata {
    return this.#chance.weighted<StreamMetadata>([
      [2, () => ({ maxCount: 1 + this.#chance.below(3) })],
      [2, () => ({ truncateBefore: version(this.#chance.below(5)) })],
      [1, () => ({ maxCount: 2, truncateBefore: version(1), custom: { n: this.#chance.below(9) } })],
      [1, () => ({})],
    ]);
  }
}

function reversed(item: WriteItem): WriteItem {
  return item.kind === "append" ? { ...item, events: item.events.toReversed() } : item;
}
