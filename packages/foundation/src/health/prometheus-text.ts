import type { HealthReport, WorkerHealth } from "./health.ts";

/** The content type of the text format that is version 0.0.4. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** The value of a worker; `null` where it has none. */
  readonly of: (worker: WorkerHealth) => number | null;
}

const FAMILIES: readonly Family[] = [
  {
    name: "up",
    type: "gauge",
    help: "Whether it works: 1, or 0 of one that is stopped, interrupted, paused, closed or not started.",
    of: upOf,
  },
  { name: "ready", type: "gauge", help: "Whether what it keeps may be asked: 1 or 0.", of: ({ isReady }) => Number(isReady) },
  {
    name: "stalled",
    type: "gauge",
    help: "Whether it stands still with events before it: 1 or 0.",
    of: ({ isStalled }) => Number(isStalled),
  },
  { name: "lag_events", type: "gauge", help: "Events that are committed and not handled, at most.", of: ({ lag }) => lag && lag.events },
  {
    name: "lag_seconds",
    type: "gauge",
    help: "Seconds since the oldest event that is not handled was committed.",
    of: ({ lag }) => lag && lag.ms / 1000,
  },
  { name: "position", type: "gauge", help: "Everything up to this position of the log is handled.", of: ({ position }) => position },
  {
    name: "progress_age_seconds",
    type: "gauge",
    help: "Seconds since something was handled last, or was found not to be there.",
    of: ({ progressAgeMs }) => progressAgeMs && progressAgeMs / 1000,
  },
  { name: "parked_events", type: "gauge", help: "Events that have failed for good.", of: ({ parked }) => parked },
  { name: "failing_events", type: "gauge", help: "Events that are under retry.", of: ({ failing }) => failing },
  { name: "interruptions_total", type: "counter", help: "How often the store interrupted it.", of: ({ interruptions }) => interruptions },
];

/** A report in the text format of Prometheus. */
export function prometheusText({ workers, alarms }: HealthReport): string {
  const families = FAMILIES.flatMap((family) => linesOf(family, workers));
  return [
    ...families,
    ...headerOf("reactive_domain_alarms", "gauge", "How many alarms there are."),
    `reactive_domain_alarms ${alarms.length}`,
    "",
  ].join("\n");
}

function linesOf(family: Family, workers: readonly WorkerHealth[]): readonly string[] {
  const name = `reactive_domain_worker_${family.name}`;
  const samples = workers.flatMap((worker) => {
    const value = family.of(worker);
    return value === null ? [] : [`${name}{${labelsOf(worker)}} ${value}`];
  });
  return samples.length === 0 ? [] : [...headerOf(name, family.type, family.help), ...samples];
}

function headerOf(name: string, type: Family["type"], help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** A label that is empty is the same as none. */
function labelsOf({ kind, name, feed }: WorkerHealth): string {
  const labels = Object.entries({ kind, name, ...(feed === null ? undefined : { feed }) });
  return labels.map(([label, value]) => `${label}="${escaped(value)}"`).join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function upOf({ status }: WorkerHealth): number {
  return Number(status === "live" || status === "standby" || status === "catching-up" || status === "ended");
}
