/** Conditions in one. They are put together in halves: databases bound how deep an expression may lie. */
export function joined(conditions: readonly string[], word: "AND" | "OR"): string {
  const [first, ...others] = conditions;
  if (first === undefined) return word === "AND" ? "TRUE" : "FALSE";
  if (others.length === 0) return first;
  const middle = Math.ceil(conditions.length / 2);
  return `(${joined(conditions.slice(0, middle), word)} ${word} ${joined(conditions.slice(middle), word)})`;
}
