/** Runs tasks one after another, in the order in which they came. A task that fails does not stop the next. */
export class SerialQueue {
  readonly #line = new Line();
  readonly #interjections = new Line();
  /** How many interjections may go before the next task of the line: those that were there when the last one ended. */
  #ahead = 0;
  #isBusy = false;
  #isInterjected = false;

  /** Whether an interjection is running. */
  get isInterjected(): boolean {
    return this.#isInterjected;
  }

  /** Whether something waits for the task that is running to make way. */
  get isWanted(): boolean {
    return this.#interjections.length > 0;
  }

  /** Whether a task is running. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Runs a task behind all those that wait. */
  run<T>(task: () => T | Promise<T>): Promise<T> {
    return this.#enter(this.#line, task);
  }

  /**
   * Runs a task before all those that wait, but for other interjections: as soon as the one that is running has made way. One that comes while others are let before may
   * wait for one task of the line: however many come, the line moves on.
   */
  interject<T>(task: () => T | Promise<T>): Promise<T> {
    return this.#enter(this.#interjections, async () => {
      this.#isInterjected = true;
      try {
        return await task();
      } finally {
        this.#isInterjected = false;
      }
    });
  }

  #enter<T>(line: Line, task: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      line.add(async () => {
        const outcome = (async () => task())();
        await outcome.then(resolve, reject);
      });
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    this.#ahead = this.#interjections.length;
    for (let task = this.#next(); task !== undefined; task = this.#next()) await task();
    this.#isBusy = false;
  }

  #next(): (() => Promise<void>) | undefined {
    if (this.#ahead > 0 || this.#line.length === 0) {
      this.#ahead = Math.max(0, this.#ahead - 1);
      return this.#interjections.take() ?? this.#line.take();
    }
    return this.#fromLine();
  }

  /** The next task of the line, and behind it all interjections that have come by then. */
  #fromLine(): (() => Promise<void>) | undefined {
    const task = this.#line.take();
    if (task === undefined) return undefined;
    return async () => {
      await task();
      this.#ahead = this.#interjections.length;
    };
  }
}

/** Waiting tasks, the first first. */
class Line {
  readonly #tasks: (() => Promise<void>)[] = [];
  /** How many at the front are taken. */
  #taken = 0;

  get length(): number {
    return this.#tasks.length - this.#taken;
  }

  add(task: () => Promise<void>): void {
    this.#tasks.push(task);
  }

  take(): (() => Promise<void>) | undefined {
    const task = this.#tasks[this.#taken];
    if (task === undefined) return undefined;
    // A line that never gets empty must not keep all that ever stood in it.
    if (++this.#taken * 2 < this.#tasks.length) return task;
    this.#tasks.splice(0, this.#taken);
    this.#taken = 0;
    return task;
  }
}
