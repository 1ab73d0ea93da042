import { OutputClosed } from "./errors.ts";

/** Where a command writes what was asked for. */
export interface Output {
  /** Writes lines, and waits while the reader is slower. Throws {@link OutputClosed} when nobody reads any more. */
  write(lines: readonly string[]): Promise<void>;
}

/** Writes to a stream, such as standard output. */
export function createStreamOutput(stream: NodeJS.WritableStream): Output {
  let failure: Error | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    failure = error.code === "EPIPE" ? new OutputClosed() : error;
  });
  return {
    async write(lines) {
      if (lines.length === 0) return;
      await new Promise<void>((resolve) => {
        // Called with an error too: then the stream's own event tells it.
        stream.write(`${lines.join("\n")}\n`, () => resolve());
      });
      if (failure !== undefined) throw failure;
    },
  };
}
