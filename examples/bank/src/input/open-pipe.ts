import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";

/**
 * Opens a named pipe, which waits for its first writer. Read as a file, a pipe without a writer, or with an idle one, would keep a thread waiting that nothing
 * can interrupt; as a socket it can be destroyed at any time.
 */
export function openPipe(path: string): Readable {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd: descriptor, readable: true, writable: false });
}
