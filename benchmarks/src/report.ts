/** One figure of a suite. Ratios are ours divided by the other's, so that more is better. */
export interface BenchRow {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly floor?: number;
  readonly rival?: number;
  readonly ratioToFloor?: number;
  readonly ratioToRival?: number;
  /** What is to be said of the rival, such as why there is no figure of it. */
  readonly rivalNote?: string;
  /** The ratio that the row is asked to reach: to its floor, or to its rival where it has no floor. */
  readonly target?: number;
  /** The ratio to the rival that it is asked to reach, too. */
  readonly rivalTarget?: number;
  /** What the value itself is asked to stay below. */
  readonly below?: number;
  /** Whether this run reached it. */
  readonly met?: boolean;
}

/** What a suite measured. */
export interface BenchReport {
  readonly suite: string;
  readonly node: string;
  readonly cpu: string;
  /** The settings that were read back from the stores that were measured, ours and the floor's. */
  readonly durability: string;
  readonly rows: readonly BenchRow[];
}

const SMALL = 100;

/** The report as a table for people. */
export function toText({ suite, node, cpu, durability, rows }: BenchReport): string {
  const all = [["id", "work", "ours", "unit", "floor", "ratio", "rival", "ratio", "target"], ...rows.map(cellsOf)];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const lines = all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const notes = rows.flatMap((row) => (row.rivalNote === undefined ? [] : [`${row.id}: ${row.rivalNote}`]));
  return [`suite ${suite}, Node ${node}, ${cpu}`, `durability: ${durability}`, "", ...lines, ...notes, ""].join("\n");
}

function cellsOf(row: BenchRow): readonly string[] {
  const floor = [number(row.floor), ratio(row.ratioToFloor)];
  return [row.id, row.name, number(row.value), row.unit, ...floor, number(row.rival), ratio(row.ratioToRival), target(row)];
}

function number(value: number | undefined): string {
  if (value === undefined) return "-";
  return value < SMALL ? value.toFixed(1) : Math.round(value).toLocaleString("en-US");
}

function ratio(value: number | undefined): string {
  return value === undefined ? "-" : value.toFixed(2);
}

function target(row: BenchRow): string {
  const outcome = row.met === true ? "met" : "NOT MET";
  if (row.below !== undefined) return `below ${row.below} ${outcome}`;
  const targets = [asked(row.target), asked(row.rivalTarget, " of rival")].filter((one) => one !== "");
  return targets.length === 0 ? "-" : `${targets.join(" and ")} ${outcome}`;
}

function asked(ratioAsked: number | undefined, ofWhat = ""): string {
  return ratioAsked === undefined ? "" : `${Number(ratioAsked.toFixed(2))}${ofWhat}`;
}
