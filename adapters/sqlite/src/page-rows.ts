import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { EventRow } from "./recorded-row.ts";

const METADATA = 8;
const DATA = 9;
/** How many rows are read first, and by how much more at a time. One statement a page is fastest, row by row is slowest by far; sizes are not known before. */
const FIRST_ROWS = 16;
const GROWTH = 4;

/** Gathers the rows of a page in a few portions, so that what is read beyond its bytes stays small, and one row more that tells that something follows. */
export class PageRows {
  readonly rows: EventRow[] = [];
  readonly #maxRows: number;
  readonly #maxBytes: number;
  #portion = FIRST_ROWS;
  /** Of all rows together, at the most; exact as soon as that matters, since counting takes time. */
  #bytes = 0;
  #isExact = false;
  #isFull = false;

  constructor({ maxEvents, maxBytes }: Pick<PageRequest, "maxEvents" | "maxBytes">) {
    this.#maxRows = maxEvents + 1;
    this.#maxBytes = maxBytes;
  }

  /** How many rows to read next; 0 when the page is full. */
  get wanted(): number {
    if (this.#isFull) return 0;
    const fitting = this.rows.length === 0 ? this.#portion : 1 + Math.floor((this.#maxBytes * this.rows.length) / this.#bytes);
    return Math.min(this.#maxRows - this.rows.length, this.#portion, Math.max(1, fitting - this.rows.length));
  }

  /** Takes what was read, up to the first row that does not fit. */
  add(rows: readonly EventRow[]): void {
    for (const row of rows) {
      this.rows.push(row);
      this.#bytes += this.#isExact ? bytesOf(row) : mostBytesOf(row);
      if (this.#bytes > this.#maxBytes) this.#count();
      this.#isFull = this.rows.length === this.#maxRows || (this.#bytes > this.#maxBytes && this.rows.length > 1);
      if (this.#isFull) return;
    }
    this.#portion *= GROWTH;
  }

  /** Takes the row that does not fit away: one too many, or too large. It is the one that follows. */
  takeFollowing(): EventRow | undefined {
    return this.#isFull ? this.rows.pop() : undefined;
  }

  #count(): void {
    if (this.#isExact) return;
    this.#isExact = true;
    this.#bytes = this.rows.reduce((sum, row) => sum + bytesOf(row), 0);
  }
}

/** The size of an event's data and metadata, in bytes of UTF-8. */
function bytesOf(row: EventRow): number {
  const data = row[DATA];
  return Buffer.byteLength(row[METADATA]) + (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength);
}

/** UTF-8 takes at most three bytes for a UTF-16 unit. */
function mostBytesOf(row: EventRow): number {
  const data = row[DATA];
  return 3 * row[METADATA].length + (typeof data === "string" ? 3 * data.length : data.byteLength);
}
