import { JSON_CONTENT_TYPE, type AppendItem, type WriteItem } from "@reactive-domain/persistence";
import { byteaArray, int4Array, int8Array, textArray, uuidArray } from "./binary-arrays.ts";
import { contentColumns } from "./content.ts";
import { expectedNumber } from "./expected-number.ts";
import { itemText } from "./item-text.ts";

/** Several writes as the arguments of one call of `write`; what they are stands there. */
export class WriteBatch {
  readonly #streams = new Map<string, number>();
  readonly #appendWrite: number[] = [];
  readonly #appendStream: number[] = [];
  readonly #appendExpected: number[] = [];
  readonly #appendSize: number[] = [];
  readonly #eventAppend: number[] = [];
  readonly #eventOffset: number[] = [];
  readonly #eventStream: string[] = [];
  readonly #type: string[] = [];
  readonly #schemaVersion: number[] = [];
  readonly #id: string[] = [];
  readonly #contentType: (string | null)[] = [];
  readonly #metadata: string[] = [];
  readonly #data: (string | null)[] = [];
  readonly #bytes: (Uint8Array | null)[] = [];
  readonly #items: (string | null)[] = [];
  #hasItems = false;
  #hasOtherContent = false;
  #hasBytes = false;
  #lowestId: string | undefined;

  add(items: readonly WriteItem[]): void {
    const write = this.#items.length + 1;
    const [only] = items;
    const isOneAppend = items.length === 1 && only?.kind === "append";
    for (const item of items) if (item.kind === "append") this.#addAppend(item, write);
    this.#items.push(isOneAppend ? null : `[${items.map((item) => itemText(item, (stream) => this.#indexOf(stream))).join()}]`);
    this.#hasItems ||= !isOneAppend;
  }

  /** In the order of the function's parameters, without channel and origin. */
  values(): readonly unknown[] {
    return [
      textArray([...this.#streams.keys()]),
      int4Array(this.#appendWrite),
      int4Array(this.#appendStream),
      int8Array(this.#appendExpected),
      int4Array(this.#appendSize),
      int4Array(this.#eventAppend),
      int4Array(this.#eventOffset),
      textArray(this.#eventStream),
      textArray(this.#type),
      int8Array(this.#schemaVersion),
      uuidArray(this.#id),
      this.#hasOtherContent ? textArray(this.#contentType) : null,
      textArray(this.#metadata),
      textArray(this.#data),
      this.#hasBytes ? byteaArray(this.#bytes) : null,
      this.#lowestId,
      this.#hasItems ? textArray(this.#items) : null,
    ];
  }

  #addAppend({ stream, expectedVersion, events }: AppendItem, write: number): void {
    this.#appendWrite.push(write);
    this.#appendStream.push(this.#indexOf(stream));
    this.#appendExpected.push(expectedNumber(expectedVersion));
    this.#appendSize.push(events.length);
    events.forEach(({ id, type, schemaVersion, contentType, data, metadata }, offset) => {
      const content = contentColumns(data);
      this.#eventAppend.push(this.#appendWrite.length);
      this.#eventOffset.push(offset);
      this.#eventStream.push(stream);
      this.#type.push(type);
      this.#schemaVersion.push(schemaVersion);
      this.#id.push(id);
      this.#contentType.push(contentType === JSON_CONTENT_TYPE ? null : contentType);
      this.#metadata.push(metadata);
      this.#data.push(content.data);
      this.#bytes.push(content.bytes);
      this.#hasOtherContent ||= contentType !== JSON_CONTENT_TYPE;
      this.#hasBytes ||= content.bytes !== null;
      if (this.#lowestId === undefined || id < this.#lowestId) this.#lowestId = id;
    });
  }

  /** Where a stream stands among those of the batch, from 1. */
  #indexOf(stream: string): number {
    let index = this.#streams.get(stream);
    if (index === undefined) {
      index = this.#streams.size + 1;
      this.#streams.set(stream, index);
    }
    return index;
  }
}
