/** Cents as they are read: whole units and cents on their own, as a fraction of a large number is not exact. */
export function money(cents: number): string {
  const rest = cents % 100;
  return `${((cents - rest) / 100).toLocaleString("en-US")}.${String(rest).padStart(2, "0")}`;
}
