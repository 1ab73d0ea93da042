import { writeSync } from "node:fs";
import { REPORT_FD, type Report } from "../protocol.ts";

const PAUSE_MS = 1;

/** Tells the parent, and returns when the line has left this process: it survives its death. */
export function report(line: Report): void {
  tellLine(JSON.stringify(line));
}

/** The same of a line as it stands. */
export function tellLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let written = 0; written < bytes.length;) written += writeSome(bytes.subarray(written));
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(REPORT_FD, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    return 0;
  }
}
