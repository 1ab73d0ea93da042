/** Rows as lines, two spaces between columns: the first `numbers` of them end in line, the others begin in line, the last is as long as it is. */
export function inColumns(rows: readonly (readonly string[])[], numbers: number): readonly string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = (rows[0] ?? []).map((_, column) => width(column));
  return rows.map((row) =>
    row
      .map((text, column) => (column < numbers ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
