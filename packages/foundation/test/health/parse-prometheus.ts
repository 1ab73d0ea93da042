/** One sample of an exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All samples of one metric. */
export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

/**
 * Reads the text format of Prometheus, version 0.0.4, as its specification has it ("Exposition formats", Text format details), and more strictly: with one blank between
 * tokens, without timestamps, each metric with HELP and TYPE before its samples, in one group, and no line twice. Throws at what is otherwise.
 */
export function parsePrometheus(text: string): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith("\n")) throw new Error("The last line does not end with a line feed.");
  const families = new Map<string, MetricFamily>();
  const seen = new Set<string>();
  let help: { readonly name: string; readonly text: string } | undefined;
  let current: string | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    if (line.startsWith("# HELP ")) {
      help = helpOf(line, families);
      current = undefined;
    } else if (line.startsWith("# TYPE ")) {
      current = typeOf(line, help, families);
    } else {
      const sample = sampleOf(line);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted(([a], [b]) => a.localeCompare(b))]);
      if (sample.name !== current) throw new Error(`A sample outside of the group of its metric: ${line}`);
      if (seen.has(key)) throw new Error(`A sample that was there before: ${line}`);
      seen.add(key);
      families.get(current)?.samples.push(sample);
    }
  }
  return families;
}

function helpOf(line: string, families: ReadonlyMap<string, MetricFamily>): { readonly name: string; readonly text: string } {
  const [, name, text] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
  if (name === undefined || text === undefined || !METRIC_NAME.test(name)) throw new Error(`Not a HELP line: ${line}`);
  if (families.has(name)) throw new Error(`A second HELP of ${name}.`);
  if (/\\(?![\\n])/.test(text.replaceAll("\\\\", ""))) throw new Error(`A backslash that is not escaped: ${line}`);
  return { name, text };
}

function typeOf(
  line: string,
  help: { readonly name: string; readonly text: string } | undefined,
  families: Map<string, MetricFamily>,
): string {
  const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
  if (name === undefined || type === undefined) throw new Error(`Not a TYPE line: ${line}`);
  if (help?.name !== name || families.has(name)) throw new Error(`A TYPE without a HELP before it, or a second one: ${line}`);
  families.set(name, { type, help: help.text, samples: [] });
  return name;
}

function sampleOf(line: string): Sample {
  const [, name, , labels = "", value] = /^([^\s{]+)(\{([^\n]*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined || !METRIC_NAME.test(name) || !NUMBER.test(value)) throw new Error(`Not a sample: ${line}`);
  return { name, labels: labelsOf(labels), value: Number(value.replace("Inf", "Infinity")) };
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== "";) {
    const [whole, name, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name === undefined || value === undefined || name in labels) throw new Error(`Not labels: ${text}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escape: string) => (escape === "n" ? "\n" : escape));
    rest = rest.slice(whole.length);
  }
  return labels;
}
