/** One line that says how far a command is, until it is cleared, and lines above it that stay. */
export interface Progress {
  /** Whether anybody sees what is shown. Lines that stay are always written. */
  readonly isSeen: boolean;
  show(text: string): void;
  clear(): void;
  /** Writes a line that stays, above the one that is shown. */
  tell(line: string): void;
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
  if (stream.isTTY !== true)
    return { isSeen: false, show: () => undefined, clear: () => undefined, tell: (line) => void stream.write(`${line}\n`) };
  let shown = "";
  const show = (text: string): void => {
    shown = text.slice(0, (stream.columns ?? DEFAULT_COLUMNS) - 1);
    stream.write(CLEAR_LINE + shown);
  };
  return {
    isSeen: true,
    show,
    clear() {
      shown = "";
      stream.write(CLEAR_LINE);
    },
    tell: (line) => void stream.write(`${CLEAR_LINE}${line}\n${shown}`),
  };
}
