import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";

/** One line of input. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its line end; `undefined` when it is longer than {@link MAX_LINE_CHARACTERS}, or not UTF-8. */
  readonly text: string | undefined;
  /** Why there is no text. */
  readonly fault?: string;
  /** How many bytes of the input had been read when the line was complete. */
  readonly bytesRead: number;
}

/** A line that is longer is not kept in memory. */
export const MAX_LINE_CHARACTERS = 1024 * 1024;

/** UTF-8 takes at most 3 bytes for each UTF-16 code unit, of which `length` is the number. */
const MAX_LINE_BYTES = 3 * MAX_LINE_CHARACTERS;

const TOO_LONG = `the line is longer than ${MAX_LINE_CHARACTERS} characters`;
const NOT_UTF8 = "the line is not UTF-8";
const BYTE_ORDER_MARK = "\u{feff}";

/** Splits UTF-8 into lines, one chunk at a time. A byte order mark at the start is left out. Ends early, without an error, when `signal` aborts or has been. */
export async function* readLines(input: Readable, signal: AbortSignal): AsyncGenerator<Line> {
  const splitter = new LineSplitter();
  const stop = (): void => void input.destroy();
  if (signal.aborted) stop();
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

/** Splits bytes at line ends. Until a line is whole, its bytes are kept as the characters of a string (`latin1`), which grows without being copied. */
class LineSplitter {
  #rest = "";
  #isTooLong = false;
  #number = 0;
  #bytesRead = 0;

  *split(chunk: Buffer): Generator<Line> {
    const bytes = chunk.toString("latin1");
    this.#bytesRead += chunk.length;
    let start = 0;
    for (let end = bytes.indexOf("\n"); end !== -1; end = bytes.indexOf("\n", start)) {
      this.#keep(bytes.slice(start, end));
      yield this.#complete();
      start = end + 1;
    }
    this.#keep(bytes.slice(start));
  }

  *end(): Generator<Line> {
    if (this.#rest !== "" || this.#isTooLong) yield this.#complete();
  }

  #keep(part: string): void {
    this.#isTooLong ||= this.#rest.length + part.length > MAX_LINE_BYTES;
    this.#rest = this.#isTooLong ? "" : this.#rest + part;
  }

  #complete(): Line {
    this.#number++;
    const content = this.#isTooLong
      ? { text: undefined, fault: TOO_LONG }
      : contentOf(Buffer.from(this.#rest, "latin1"), this.#number === 1);
    this.#rest = "";
    this.#isTooLong = false;
    return { number: this.#number, ...content, bytesRead: this.#bytesRead };
  }
}

function contentOf(bytes: Buffer, isFirst: boolean): Pick<Line, "text" | "fault"> {
  if (!isUtf8(bytes)) return { text: undefined, fault: NOT_UTF8 };
  const text = bytes.toString("utf8");
  if (text.length > MAX_LINE_CHARACTERS) return { text: undefined, fault: TOO_LONG };
  return { text: (isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).trimEnd() };
}
