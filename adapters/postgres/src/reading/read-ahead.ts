import { yieldToLoop, type Runtime } from "@reactive-domain/core";
import type { EventBatch } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";

/** Smaller pages are looks, not the way along a log. */
const LEAST_EVENTS = 100;
/** How many readers are read ahead for, a page each. */
const MAX_AHEAD = 8;

/**
 * Reads the next page of who goes along a log while they handle the last one: from the second page on, when it is known that they go on. Only full pages are kept for
 * them. One that reaches the end is read again when it is asked for, since what was committed meanwhile belongs to it.
 */
export class ReadAhead {
  readonly #read: (request: PageRequest) => Promise<EventBatch>;
  readonly #runtime: Runtime;
  /** What would continue a page that was given, with the page where it is being read; the latest last. */
  readonly #next = new Map<string, Promise<EventBatch | undefined> | undefined>();

  constructor(read: (request: PageRequest) => Promise<EventBatch>, runtime: Runtime) {
    this.#read = read;
    this.#runtime = runtime;
  }

  async read(request: PageRequest): Promise<EventBatch> {
    if (request.direction === "backwards" || request.maxEvents < LEAST_EVENTS) return this.#read(request);
    const key = JSON.stringify(request);
    const goesOn = this.#next.has(key);
    const ahead = this.#next.get(key);
    this.#next.delete(key);
    const page = (await ahead) ?? (await this.#read(request));
    if (page.isEnd || page.next === null) return page;
    this.#expect({ ...request, from: page.next }, goesOn);
    // It is to be on its way before this page is handled, which may take all of the loop.
    if (goesOn) await yieldToLoop({ runtime: this.#runtime });
    return page;
  }

  forget(): void {
    this.#next.clear();
  }

  #expect(request: PageRequest, goesOn: boolean): void {
    this.#next.set(JSON.stringify(request), goesOn ? this.#fullPage(request) : undefined);
    const [oldest = ""] = this.#next.keys();
    if (this.#next.size > MAX_AHEAD) this.#next.delete(oldest);
  }

  async #fullPage(request: PageRequest): Promise<EventBatch | undefined> {
    try {
      const page = await this.#read(request);
      return page.isEnd ? undefined : page;
    } catch {
      // Who asks for it gets the error, if it is still one.
      return undefined;
    }
  }
}
