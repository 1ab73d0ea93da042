import { metadataOf, type MessageBase } from "../message.ts";
import type { Entry } from "./entry.ts";

/** Knows the last message of each key, for as many keys as it is told: beyond that it forgets the key that was used least recently. */
export class Repetitions<M extends MessageBase> {
  readonly #keptKeys: number;
  /** The key that was used least recently comes first. */
  readonly #lasts = new Map<unknown, Entry<M>>();

  constructor(keptKeys: number) {
    this.#keptKeys = keptKeys;
  }

  /** The entry that a message repeats, unless that one failed or was given up. */
  find(message: M, key: unknown): Entry<M> | undefined {
    const last = this.#lasts.get(key);
    if (last === undefined || last.state === "failed" || last.state === "given-up") return undefined;
    if (metadataOf(last.message).id !== metadataOf(message).id) return undefined;
    this.keep(last);
    return last;
  }

  /** Has an entry be the last of its key. */
  keep(entry: Entry<M>): void {
    this.#lasts.delete(entry.key);
    this.#lasts.set(entry.key, entry);
    if (this.#lasts.size <= this.#keptKeys) return;
    for (const leastRecent of this.#lasts.keys()) {
      this.#lasts.delete(leastRecent);
      return;
    }
  }

  clear(): void {
    this.#lasts.clear();
  }
}
