import type { SystemCall } from "./system-calls.ts";

type Change = { readonly offset: number; readonly bytes: Buffer } | { readonly size: number };

interface Inode {
  readonly durable: Content;
  /** Changes since the last sync, the oldest first. */
  pending: Change[];
}

/** Chooses what survives a crash of what was not synced. */
export interface Crash {
  /** Whether an unsynced change of a file, or of the names in a directory, is on the disk. */
  survives(): boolean;
  /** How many of a change's bytes are. */
  survivingBytes(bytes: number): number;
}

export const LOSES_ALL: Crash = { survives: () => false, survivingBytes: () => 0 };

/** A disk that promises as little as it may: what was not synced can be lost, in part, and in any order. */
export class ModelledDisk {
  /** Names as the process sees them, and as they are on the disk. */
  readonly #names = new Map<string, Inode>();
  readonly #durableNames = new Map<string, Inode>();

  do(call: SystemCall): void {
    if (call.kind === "open" && call.creates && !this.#names.has(call.path))
      this.#names.set(call.path, { durable: new Content(), pending: [] });
    else if (call.kind === "write") this.#at(call.path).pending.push({ offset: call.offset, bytes: call.bytes });
    else if (call.kind === "truncate") this.#at(call.path).pending.push({ size: call.size });
    else if (call.kind === "remove") this.#names.delete(call.path);
    else if (call.kind === "sync") this.#sync(call.path);
  }

  /** What a crash may take of some files: their unsynced changes, and their names. */
  unsynced(paths: readonly string[]): readonly string[] {
    return paths.flatMap((path) => {
      const inode = this.#names.get(path);
      const changes = inode?.pending.length ?? 0;
      return [
        ...(inode === this.#durableNames.get(path) ? [] : [`the name ${path}`]),
        ...(changes === 0 ? [] : [`${changes} changes of ${path}`]),
      ];
    });
  }

  /** The files as they are after a crash. */
  crashed(paths: readonly string[], crash: Crash): ReadonlyMap<string, Buffer> {
    const files = new Map<string, Buffer>();
    for (const path of paths) {
      const inode = (crash.survives() ? this.#names : this.#durableNames).get(path);
      if (inode !== undefined) files.set(path, contentAfter(inode, crash));
    }
    return files;
  }

  #at(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw new Error(`${path} is changed and was never opened.`);
    return inode;
  }

  #sync(path: string): void {
    const inode = this.#names.get(path);
    if (inode === undefined) return this.#syncNames(path);
    for (const change of inode.pending) inode.durable.apply(change);
    inode.pending = [];
  }

  #syncNames(directory: string): void {
    const isIn = (path: string): boolean => path.slice(0, path.lastIndexOf("/")) === directory;
    for (const path of this.#durableNames.keys()) if (isIn(path)) this.#durableNames.delete(path);
    for (const [path, inode] of this.#names) if (isIn(path)) this.#durableNames.set(path, inode);
  }
}

function contentAfter({ durable, pending }: Inode, crash: Crash): Buffer {
  const content = durable.copy();
  for (const change of pending) {
    if (!crash.survives()) continue;
    content.apply("size" in change ? change : { ...change, bytes: change.bytes.subarray(0, crash.survivingBytes(change.bytes.length)) });
  }
  return content.bytes;
}

/** The bytes of a file, in a buffer that has room for more. */
class Content {
  #buffer: Buffer;
  #size: number;

  constructor(bytes = Buffer.alloc(0)) {
    this.#buffer = bytes;
    this.#size = bytes.length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  copy(): Content {
    return new Content(Buffer.from(this.bytes));
  }

  apply(change: Change): void {
    const size = "size" in change ? change.size : Math.max(this.#size, change.offset + change.bytes.length);
    this.#resize(size);
    if ("bytes" in change) change.bytes.copy(this.#buffer, change.offset);
  }

  #resize(size: number): void {
    if (size > this.#buffer.length) {
      const larger = Buffer.alloc(2 * size);
      this.bytes.copy(larger);
      this.#buffer = larger;
    }
    // What is cut off and grown over again is zero.
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    this.#size = size;
  }
}
