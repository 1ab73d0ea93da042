import { open, type FileHandle } from "node:fs/promises";
import { InvalidArgument } from "@reactive-domain/foundation";

/** A letter: a line of the file, as JSON. */
export interface Letter {
  /** Of the event that it tells of. No two letters have the same. */
  readonly id: string;
  readonly accountId: string;
  readonly text: string;
}

const READ_BYTES = 65_536;

/**
 * A file that letters are appended to, a line each, by any number of processes.
 *
 * A letter is written once as long as nobody is killed between. For more than that a file cannot do: that a letter is in it, and that its event is settled in the store, are two writes in two places,
 * which no transaction holds together. Who writes the letter first and is killed then, meets the event again; who settles it first, loses the letter. So the letter comes first, and carries the
 * event's id: whoever meets the event again looks whether it is there. What is left are two processes that look at the same moment, as when one was away for longer than its lease.
 */
export class MailFile implements AsyncDisposable {
  readonly #file: FileHandle;
  /** The letters up to where the file was read. */
  readonly #ids = new Set<string>();
  #readBytes = 0;
  #rest = Buffer.alloc(0);
  #written = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the file, or makes it. Errors: `invalid-argument` for what is there and no file, those of the operating system. */
  static async open(path: string): Promise<MailFile> {
    const file = await open(path, "a+");
    if ((await file.stat()).isFile()) return new MailFile(file);
    await file.close();
    throw new InvalidArgument("The mail file", "a file, whose letters can be read again", path);
  }

  /** How many letters were written here. */
  get written(): number {
    return this.#written;
  }

  /** Resolves when the letter is on the disk, written now or before. Errors: those of the operating system. */
  async send(letter: Letter): Promise<void> {
    const sending = this.#turn.then(() => this.#send(letter));
    this.#turn = sending.catch(() => undefined);
    await sending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#file.close();
  }

  async #send(letter: Letter): Promise<void> {
    await this.#readOn();
    if (this.#ids.has(letter.id)) return;
    // A process that was killed in the middle of a line has left it open: it is nobody's letter.
    const ending = this.#rest.length === 0 ? "" : "\n";
    await this.#file.appendFile(`${ending}${JSON.stringify(letter)}\n`);
    // The store takes it as sent from now on, and keeps that through a power failure.
    await this.#file.datasync();
    this.#written++;
  }

  /** Reads what has come since the last look, from here and from other processes. */
  async #readOn(): Promise<void> {
    for (;;) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, this.#readBytes);
      if (bytesRead === 0) return;
      this.#readBytes += bytesRead;
      const lines = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
      const end = lines.lastIndexOf("\n") + 1;
      for (const line of lines.subarray(0, end).toString().split("\n")) this.#note(line);
      this.#rest = Buffer.from(lines.subarray(end));
    }
  }

  #note(line: string): void {
    try {
      const { id } = JSON.parse(line) as Partial<Letter>;
      if (id !== undefined) this.#ids.add(id);
    } catch {
      // The end of a file, and what a process left that was killed in the middle of a line.
    }
  }
}
