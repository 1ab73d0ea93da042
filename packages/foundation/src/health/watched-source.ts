import { asError, type Look } from "./source.ts";
import type { Asking, Sight } from "./sight.ts";

/** What was seen of one source. */
export interface Seen {
  readonly sights: readonly Sight[];
  /** Why nothing is known of it; `undefined` where something is. */
  readonly problem: unknown;
}

/** A source and what was seen of it last: who does not answer is not forgotten. */
export class WatchedSource {
  readonly #look: Look;
  #last: readonly Sight[] | undefined;

  constructor(look: Look) {
    this.#look = look;
  }

  async look(asking: Asking): Promise<Seen> {
    try {
      this.#last = await this.#look(asking);
      return { sights: this.#last, problem: undefined };
    } catch (problem) {
      const error = asError(problem);
      if (this.#last === undefined) return { sights: [], problem: error };
      return { sights: this.#last.map((sight) => ({ ...sight, lag: null, error, problem: error })), problem: undefined };
    }
  }
}
