import { StoreUnavailable } from "@reactive-domain/persistence";
import type { Database, Statement } from "better-sqlite3";

const MAX_KNOWN_NAMES = 20_000;

/** The names of streams by their numbers. A number keeps its name for ever, so what is known stays right. */
export class StreamNames {
  readonly #select: Statement<[number], string>;
  readonly #known = new Map<number, string>();
  readonly #file: string;

  /** `file` is what errors call the store. */
  constructor(database: Database, file: string) {
    this.#file = file;
    this.#select = database.prepare<[number], string>("SELECT name FROM streams WHERE id = ?").pluck();
  }

  of(streamId: number): string {
    return this.#known.get(streamId) ?? this.#learn(streamId);
  }

  #learn(streamId: number): string {
    const name = this.#select.get(streamId);
    if (name === undefined)
      throw new StoreUnavailable(
        this.#file,
        `is damaged: events refer to a stream ${streamId} that is not there; restore it from a backup`,
        {
          retryable: false,
        },
      );
    if (this.#known.size >= MAX_KNOWN_NAMES) this.#known.clear();
    this.#known.set(streamId, name);
    return name;
  }
}
