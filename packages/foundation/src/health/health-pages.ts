import { shownWorker } from "./alarm.ts";
import type { HealthReport, WorkerHealth } from "./health.ts";
import { PROMETHEUS_TYPE, prometheusText } from "./prometheus-text.ts";
import type { ShownError } from "./shown-error.ts";
import { wantsRestart } from "./wants-restart.ts";

/** What is answered. */
export interface Page {
  readonly code: number;
  readonly type: string;
  readonly body: string;
}

/** Shows an error. */
export type ShowError = (error: Error) => ShownError;

/** What each path shows of a report. */
export function pagesOf(prefix: string, showError: ShowError): ReadonlyMap<string, (report: HealthReport) => Page> {
  return new Map([
    [`${prefix}/health`, (report) => healthPage(report, showError)],
    [`${prefix}/health/live`, livePage],
    [`${prefix}/health/ready`, readyPage],
    [`${prefix}/metrics`, (report) => ({ code: 200, type: PROMETHEUS_TYPE, body: prometheusText(report) })],
  ]);
}

export function jsonPage(code: number, value: unknown): Page {
  return { code, type: "application/json; charset=utf-8", body: `${JSON.stringify(value)}\n` };
}

function healthPage({ status, workers, alarms }: HealthReport, showError: ShowError): Page {
  const shown = workers.map(({ error, ...worker }) => ({ ...worker, error: error === undefined ? null : showError(error) }));
  return jsonPage(status === "failing" ? 503 : 200, { status, alarms, workers: shown });
}

function livePage({ isLive, workers }: HealthReport): Page {
  return probePage(isLive, workers.filter(wantsRestart));
}

function readyPage({ isReady, workers }: HealthReport): Page {
  return probePage(
    isReady,
    workers.filter((worker) => !worker.isReady),
  );
}

/** The answer to a probe, with those on whom it depends. */
function probePage(isWell: boolean, because: readonly WorkerHealth[]): Page {
  return jsonPage(isWell ? 200 : 503, { status: isWell ? "ok" : "failing", because: because.map(shownWorker) });
}
