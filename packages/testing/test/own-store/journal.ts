// #region journal
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ForeignStore, StoreUnavailable } from "@reactive-domain/persistence";

const FIRST_LINE = "json-lines-store 1";
const NEW_LINE = 0x0a;

/** A file of lines, each of which is on the disk when `append` resolves. One process at a time may use it. */
export class Journal {
  readonly #name: string;
  readonly #file: FileHandle;
  #size = 0;
  #failure: unknown;

  private constructor(name: string, file: FileHandle) {
    this.#name = name;
    this.#file = file;
  }

  /** Opens a file, or makes a new one, and hands its lines to `take`. A line at the end that a crash has torn was never acknowledged: it is cut off. */
  static async open(path: string, name: string, take: (json: string) => void): Promise<Journal> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT).catch((cause: unknown) => {
      throw new StoreUnavailable(name, "cannot be opened", { retryable: false, cause });
    });
    try {
      const journal = new Journal(name, file);
      await journal.#read(await file.readFile(), take);
      if (journal.#size === 0) await journal.#begin(path);
      return journal;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Errors: `store-unavailable`, also from then on: what an `fsync` that failed has left on the disk, only reading it again can tell. */
  async append(json: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#unavailable("failed before; open it again");
    try {
      await this.#write(Buffer.from(`${checksumOf(json)} ${json}\n`));
    } catch (error) {
      this.#failure = error;
      throw this.#unavailable("cannot be written");
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #read(bytes: Buffer, take: (json: string) => void): Promise<void> {
    const isTornAtBirth = Buffer.from(`${FIRST_LINE}\n`).subarray(0, bytes.length).equals(bytes);
    const isOurs = isTornAtBirth || bytes.subarray(0, FIRST_LINE.length + 1).toString() === `${FIRST_LINE}\n`;
    if (!isOurs) throw new ForeignStore(this.#name, "is no JSON-lines store", "It was not changed.");
    if (bytes.length > FIRST_LINE.length) this.#size = FIRST_LINE.length + 1;
    for (let end = bytes.indexOf(NEW_LINE, this.#size); end !== -1; end = bytes.indexOf(NEW_LINE, this.#size)) {
      const [checksum, json = ""] = bytes.toString("utf8", this.#size, end).split(/ (.*)/s);
      const isWhole = checksum === checksumOf(json);
      if (!isWhole && end < bytes.length - 1) throw this.#unavailable(`is damaged at byte ${this.#size}; restore it from a backup`);
      if (!isWhole) break;
      take(json);
      this.#size = end + 1;
    }
    if (this.#size === bytes.length) return;
    await this.#file.truncate(this.#size);
    await this.#file.sync();
  }

  /** A new file is on the disk when its folder is, too. */
  async #begin(path: string): Promise<void> {
    await this.#write(Buffer.from(`${FIRST_LINE}\n`));
    if (process.platform === "win32") return;
    const folder = await open(dirname(path));
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    let done = 0;
    while (done < bytes.length) done += (await this.#file.write(bytes, done, bytes.length - done, this.#size + done)).bytesWritten;
    await this.#file.sync();
    this.#size += bytes.length;
  }

  #unavailable(problem: string): StoreUnavailable {
    return new StoreUnavailable(this.#name, problem, { retryable: false, cause: this.#failure });
  }
}

/** The disk may have kept the end of a line and not its middle. */
function checksumOf(json: string): string {
  return createHash("sha256").update(json).digest("hex").slice(0, 16);
}
// #endregion
