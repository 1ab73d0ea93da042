import type { WriteItem } from "@reactive-domain/persistence";

/** The last write of a subject that was accepted. */
interface Accepted {
  readonly isAppend: boolean;
  /** Resolves when it and all before it have come to their end. */
  readonly ended: Promise<unknown>;
}

/**
 * Lets writes that have something to do with each other go to the server in the order of their calls. Appends to one stream need not wait: they go over one call, which keeps
 * their order.
 */
export class WriteOrder {
  readonly #accepted = new Map<string, Accepted>();

  /** Does a write when it is its turn. */
  run<T>(items: readonly WriteItem[], work: () => Promise<T>): Promise<T> {
    const subjects = items.map(subjectOf);
    const isAppend = items.length === 1 && items[0]?.kind === "append";
    const before = subjects.flatMap((subject) => this.#accepted.get(subject) ?? []);
    const waits = before.filter((other) => !(isAppend && other.isAppend)).map(({ ended }) => ended);
    const outcome = waits.length === 0 ? work() : Promise.allSettled(waits).then(work);
    const ended = Promise.allSettled([outcome, ...before.map((other) => other.ended)]);
    const accepted = { isAppend, ended };
    for (const subject of subjects) this.#accepted.set(subject, accepted);
    void ended.then(() => {
      for (const subject of subjects) if (this.#accepted.get(subject) === accepted) this.#accepted.delete(subject);
      return undefined;
    });
    return outcome;
  }
}

function subjectOf(item: WriteItem): string {
  if (item.kind === "checkpoint") return `checkpoint ${item.name}`;
  if (item.kind === "settle") return `group ${item.group}`;
  // A stream and the snapshot of its name.
  return `stream ${item.kind === "snapshot" ? item.name : item.stream}`;
}
