/** What a writer was told about one of its events. */
export interface ToldAppend {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
}

/** What a subscriber was handed. */
export interface Seen {
  readonly id: string;
  readonly position: number;
}

/** What the clients of a server have sent, and what they were told. */
export class ServingLedger {
  /** Ids that were sent, acknowledged or not. */
  readonly sent = new Set<string>();
  readonly acknowledged: ToldAppend[] = [];
  /** By subscriber, in the order in which it came. */
  readonly seen = new Map<string, Seen[]>();
  readonly #waiting = new Set<() => void>();

  acknowledge(told: ToldAppend): void {
    this.acknowledged.push(told);
    for (const look of this.#waiting) look();
  }

  see(subscriber: string, seen: Seen): void {
    const all = this.seen.get(subscriber) ?? [];
    this.seen.set(subscriber, all);
    all.push(seen);
    for (const look of this.#waiting) look();
  }

  /** Resolves when something holds of the ledger, or after a time; tells whether it does. */
  async until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const end = (isSo: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(isSo);
      };
      const look = (): void => {
        if (holds()) end(true);
      };
      const timer = setTimeout(() => end(false), timeoutMs);
      this.#waiting.add(look);
    });
  }
}
