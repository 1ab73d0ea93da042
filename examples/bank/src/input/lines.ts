import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** One line of input. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its line end; `undefined` when it is longer than {@link MAX_LINE_CHARACTERS}. */
  readonly text: string | undefined;
  /** How many bytes of the input had been read when the line was complete. */
  readonly bytesRead: number;
}

/** A line that is longer is not kept in memory. */
export const MAX_LINE_CHARACTERS = 1024 * 1024;

/** Splits UTF-8 into lines, one chunk at a time. A byte order mark at the start is left out. Ends early, without an error, when `signal` aborts. */
export async function* readLines(input: Readable, signal: AbortSignal): AsyncGenerator<Line> {
  const splitter = new LineSplitter();
  const stop = (): void => void input.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      for (const line of splitter.split(chunk)) {
        if (signal.aborted) return;
        yield line;
      }
    }
    yield* splitter.end();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";
  #isTooLong = false;
  #number = 0;
  #bytesRead = 0;

  *split(chunk: Buffer): Generator<Line> {
    const text = this.#decoder.write(chunk);
    this.#bytesRead += chunk.length;
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.#keep(text.slice(start, end));
      yield this.#complete();
      start = end + 1;
    }
    this.#keep(text.slice(start));
  }

  *end(): Generator<Line> {
    this.#keep(this.#decoder.end());
    if (this.#rest !== "" || this.#isTooLong) yield this.#complete();
  }

  #keep(part: string): void {
    this.#isTooLong ||= this.#rest.length + part.length > MAX_LINE_CHARACTERS;
    this.#rest = this.#isTooLong ? "" : this.#rest + part;
  }

  #complete(): Line {
    this.#number++;
    const text = this.#number === 1 && this.#rest.startsWith("\u{feff}") ? this.#rest.slice(1) : this.#rest;
    const line = { number: this.#number, text: this.#isTooLong ? undefined : text.trimEnd(), bytesRead: this.#bytesRead };
    this.#rest = "";
    this.#isTooLong = false;
    return line;
  }
}
