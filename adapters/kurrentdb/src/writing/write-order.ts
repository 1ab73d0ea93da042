import type { WriteItem } from "@reactive-domain/persistence";

/** Lets writes that have something to do with each other go to the server one after another, in the order of their calls. */
export class WriteOrder {
  /** By what is written: resolves when all that was accepted so far has come to its end. */
  readonly #ended = new Map<string, Promise<unknown>>();

  /** Resolves when all writes have come to their end. */
  async ended(): Promise<void> {
    await Promise.all(this.#ended.values());
  }

  /** Does a write when it is its turn. */
  run<T>(items: readonly WriteItem[], work: () => Promise<T>): Promise<T> {
    const subjects = items.flatMap(subjectOf);
    const before = subjects.flatMap((subject) => this.#ended.get(subject) ?? []);
    const outcome = before.length === 0 ? work() : Promise.all(before).then(work);
    const ended = Promise.allSettled([outcome]);
    for (const subject of subjects) this.#ended.set(subject, ended);
    void ended.then(() => {
      for (const subject of subjects) if (this.#ended.get(subject) === ended) this.#ended.delete(subject);
      return undefined;
    });
    return outcome;
  }
}

/** Settlements are done at once, in the order of their calls. */
function subjectOf(item: WriteItem): string | readonly [] {
  if (item.kind === "checkpoint") return `checkpoint ${item.name}`;
  if (item.kind === "settle") return [];
  // A stream and the snapshot of its name.
  return `stream ${item.kind === "snapshot" ? item.name : item.stream}`;
}
