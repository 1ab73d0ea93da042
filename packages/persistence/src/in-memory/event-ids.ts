import type { KeptEvent } from "./kept-event.ts";

/** Events by their ids, which count within a stream: that two streams have an event of one id is allowed, and rare. */
export class EventIds {
  readonly #first = new Map<string, KeptEvent>();
  readonly #others = new Map<string, KeptEvent[]>();

  find(stream: string, id: string): KeptEvent | undefined {
    const first = this.#first.get(id);
    if (first === undefined || first.stream === stream) return first;
    return this.#others.get(id)?.find((event) => event.stream === stream);
  }

  add(event: KeptEvent): void {
    if (!this.#first.has(event.id)) this.#first.set(event.id, event);
    else this.#others.set(event.id, [...(this.#others.get(event.id) ?? []), event]);
  }

  remove(event: KeptEvent): void {
    const others = this.#others.get(event.id) ?? [];
    const [next, ...rest] = others.filter((other) => other !== event);
    if (this.#first.get(event.id) !== event) this.#others.set(event.id, next === undefined ? [] : [next, ...rest]);
    else if (next === undefined) this.#first.delete(event.id);
    else {
      this.#first.set(event.id, next);
      this.#others.set(event.id, rest);
    }
  }
}
