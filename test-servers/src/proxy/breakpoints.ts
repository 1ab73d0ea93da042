/** Which way bytes go. */
export type Direction = "toServer" | "toClient";

/** A message that is about to pass. */
export interface PassingMessage {
  readonly direction: Direction;
  /** The letter of its type, or `startup` or `cancel`. */
  readonly type: string;
  /** How long it is, in bytes. */
  readonly length: number;
  /** The number of its connection, counted from 1 in the order in which the proxy took them. */
  readonly connection: number;
}

/** A place in the traffic at which something is to happen once. */
export interface Breakpoint {
  /** Whether the place was reached, so that what was to happen has happened. */
  readonly reached: boolean;
  /** The messages that were counted, in the order in which they came; the last one is that of the place, if it was reached. */
  readonly seen: readonly PassingMessage[];
  /** Resolves when the place is reached. */
  untilReached(): Promise<void>;
  /** Takes the breakpoint away; nothing will happen at the place. */
  remove(): void;
}

/** What happens to a message: it passes, stays with all that comes after it, or is cut after so many of its bytes. */
export type Verdict = { readonly action: "pass" } | { readonly action: "hold" } | { readonly action: "cut"; readonly bytes: number };

/** Says for a message whether it is the place; `undefined` when it is not. */
export type Judge = (message: PassingMessage, counted: number) => Verdict | undefined;

const PASS: Verdict = { action: "pass" };

/** The places at which something is still to happen. */
export class Breakpoints {
  readonly #waiting = new Set<{ readonly judge: Judge; readonly counts: (message: PassingMessage) => boolean; readonly place: Place }>();

  add(judge: Judge, counts: (message: PassingMessage) => boolean = () => true): Breakpoint {
    const place = new Place(() => void this.#waiting.delete(entry));
    const entry = { judge, counts, place };
    this.#waiting.add(entry);
    return place;
  }

  /** Counts a message at every breakpoint; the first one whose place it is decides. */
  judge(message: PassingMessage): Verdict {
    let decided: Verdict | undefined;
    for (const { judge, place } of [...this.#waiting].filter(({ counts }) => counts(message))) {
      place.seen.push(message);
      const verdict = judge(message, place.seen.length);
      if (verdict !== undefined) place.reach();
      decided ??= verdict;
    }
    return decided ?? PASS;
  }
}

class Place implements Breakpoint {
  readonly seen: PassingMessage[] = [];
  readonly remove: () => void;
  readonly #waiting: (() => void)[] = [];
  #reached = false;

  constructor(remove: () => void) {
    this.remove = remove;
  }

  get reached(): boolean {
    return this.#reached;
  }

  untilReached(): Promise<void> {
    return new Promise((resolve) => void (this.#reached ? resolve() : this.#waiting.push(resolve)));
  }

  reach(): void {
    this.#reached = true;
    this.remove();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
