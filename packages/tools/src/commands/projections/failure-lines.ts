import type { EventFailure } from "@reactive-domain/foundation";
import { describe } from "@reactive-domain/core";
import { printable } from "../../printable.ts";

/** Tells of events that fail: of each when it fails first, and when it is parked. */
export class FailureLines {
  readonly #tell: (line: string) => void;
  readonly #known = new Set<string>();

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  failed(failure: EventFailure): void {
    const { projection, position, key, isParked } = failure;
    const id = `${projection} ${position} ${key}`;
    if (isParked) this.#known.delete(id);
    else if (this.#known.has(id)) return;
    else this.#known.add(id);
    this.#tell(failureLine(failure));
  }
}

function failureLine({ projection, position, type, key, attempts, error, isParked }: EventFailure): string {
  const outcome = isParked ? `is parked after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}` : `failed at attempt ${attempts}`;
  return printable(`${projection}: ${type} at position ${position}, key ${key}, ${outcome}: ${shortText(error)}`);
}

/** What was thrown, in a few words. */
export function shortText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : describe(error);
}
