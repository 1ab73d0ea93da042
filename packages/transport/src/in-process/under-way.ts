/** Work that is under way, up to a maximum at a time. */
export class UnderWay {
  readonly #max: number;
  readonly #works = new Set<Promise<void>>();
  #onRoom = (): void => undefined;

  constructor(max: number) {
    this.#max = max;
  }

  /** Resolves when there is room for more. For one who waits. */
  async room(): Promise<void> {
    if (this.#works.size < this.#max) return;
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
  }

  add(work: Promise<void>): void {
    this.#works.add(work);
    void this.#leaveAfter(work);
  }

  /** Resolves when all of it has ended. */
  async end(): Promise<void> {
    await Promise.all(this.#works);
  }

  async #leaveAfter(work: Promise<void>): Promise<void> {
    await work;
    this.#works.delete(work);
    this.#onRoom();
  }
}
