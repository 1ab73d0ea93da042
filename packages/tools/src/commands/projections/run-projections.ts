import { currentRuntime, EitherSignal, sleep } from "@reactive-domain/core";
import type { WorkerReport } from "@reactive-domain/foundation";
import { onEndingSignal } from "../../ending-signal.ts";
import { AnswerIsNo } from "../../errors.ts";
import { withProjections, type ProjectionsOptions } from "../../open-projections.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import type { Progress } from "../../progress.ts";
import { shortText } from "./failure-lines.ts";
import { runOptionsOf, type HandlingOptions } from "./run-options.ts";
import { ageText, placeText } from "./told-projection.ts";

export interface RunProjectionsOptions extends ProjectionsOptions, HandlingOptions {
  /** How often their state is told, in milliseconds. */
  readonly every?: number;
  readonly json?: boolean;
}

const EVERY_MS = 10_000;

/** Runs projections until the process is told to end, or none of them works any more. Throws {@link AnswerIsNo} where one has stopped for good. */
export async function runProjections(
  names: readonly string[],
  options: RunProjectionsOptions,
  output: Output,
  progress: Progress,
): Promise<void> {
  using ending = onEndingSignal((received) => new Error(`Ended by ${received}.`));
  const ends = new Ends(progress);
  const run = { ...runOptionsOf(options, progress), onStopped: (error: Error) => ends.stop(error) };
  await withProjections(options, { names, run, makesViews: true }, async (projections) => {
    using over = new EitherSignal(ending.signal, ends.allStopped(projections.all.length));
    await projections.start();
    const tell = async (): Promise<void> => output.write((await projections.report()).map(options.json === true ? asJson : asText));
    while (!over.signal.aborted) {
      await tell();
      await sleep(options.every ?? EVERY_MS, { signal: over.signal }).catch(() => undefined);
    }
    await projections.close();
  });
  if (ends.stopped > 0) throw new AnswerIsNo(`${ends.stopped} of the projections stopped for good.`);
}

/** Tells of those that stop for good, and counts them. */
class Ends {
  readonly #progress: Progress;
  readonly #all = new AbortController();
  #expected = Number.POSITIVE_INFINITY;
  stopped = 0;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  /** Aborts when as many have stopped. */
  allStopped(expected: number): AbortSignal {
    this.#expected = expected;
    return this.#all.signal;
  }

  stop(error: Error): void {
    this.#progress.tell(printable(error.message));
    this.stopped++;
    if (this.stopped >= this.#expected) this.#all.abort();
  }
}

function asText({ name, status, position, lag, parked, failing, error }: WorkerReport): string {
  const trouble = error === undefined ? "" : `, ${shortText(error)}`;
  const behind = lag === null ? "lag unknown" : `lacks ${ageText(lag)}`;
  return printable(
    `${now()} ${name}: ${status}, position ${placeText(position)}, ${behind}, ${parked} parked, ${failing} failing${trouble}`,
  );
}

function asJson({ name, status, position, lag, progressAgeMs, parked, failing, error }: WorkerReport): string {
  const told = { time: now(), name, status, position, lag, progressAgeMs, parked, failing };
  return JSON.stringify({ ...told, error: error === undefined ? null : shortText(error) });
}

function now(): string {
  return new Date(currentRuntime().clock.now()).toISOString();
}
