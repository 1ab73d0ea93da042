import type { BuildProgress } from "@reactive-domain/foundation";
import { currentRuntime } from "@reactive-domain/core";
import { durationText } from "../../duration.ts";
import type { Progress } from "../../progress.ts";

const BAR_WIDTH = 20;
/** How often a line is written where nobody sees a bar. */
const LINE_EVERY_MS = 10_000;

/** Shows how far something is that is built from the log: a bar on a terminal, a line now and then elsewhere. Until it is disposed of. */
export class BuildLine implements Disposable {
  readonly #progress: Progress;
  readonly #clock = currentRuntime().clock;
  #writtenMs: number | undefined;
  #isOver = false;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  show(now: BuildProgress): void {
    // It may be told behind the end.
    if (this.#isOver) return;
    if (this.#progress.isSeen) return this.#progress.show(`${barOf(now)} ${buildText(now)}`);
    const nowMs = this.#clock.monotonicMs();
    if (this.#writtenMs !== undefined && nowMs - this.#writtenMs < LINE_EVERY_MS) return;
    this.#writtenMs = nowMs;
    this.#progress.tell(buildText(now));
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#progress.clear();
  }
}

function barOf(now: BuildProgress): string {
  const done = Math.floor(shareOf(now) * BAR_WIDTH);
  return `[${"#".repeat(done)}${"-".repeat(BAR_WIDTH - done)}]`;
}

function buildText(now: BuildProgress): string {
  const { projection, handled, rate, leftMs } = now;
  const percent = Math.floor(shareOf(now) * 100);
  const left = leftMs === null ? "" : `, ${durationText(leftMs)} left`;
  return `${projection} ${percent}%  ${count(handled)} events, ${count(Math.round(rate))} a second${left}`;
}

/** Of the positions of the log. */
function shareOf({ position, head }: BuildProgress): number {
  const [done, all] = [(position ?? -1) + 1, (head ?? -1) + 1];
  return all === 0 ? 1 : Math.min(1, done / all);
}

function count(number: number): string {
  return number.toLocaleString("en");
}
