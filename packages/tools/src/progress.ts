/** One line that says how far a command is, until it is cleared. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

/** The part of an output stream that progress needs. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const CLEAR_LINE = "\r\u001B[K";
const DEFAULT_COLUMNS = 80;

/** Shows progress on a terminal; elsewhere it shows nothing. */
export function createProgress(stream: ProgressStream): Progress {
  if (stream.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  return {
    show: (text) => void stream.write(CLEAR_LINE + text.slice(0, (stream.columns ?? DEFAULT_COLUMNS) - 1)),
    clear: () => void stream.write(CLEAR_LINE),
  };
}
