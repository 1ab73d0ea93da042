import { describe } from "@reactive-domain/core";

/** What is told of something that was thrown, to be kept: its name, its message, and those of its causes. Never fails. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  try {
    for (let next: unknown = error; next !== undefined && parts.length < 5; next = next instanceof Error ? next.cause : undefined)
      parts.push(next instanceof Error ? `${next.name}: ${next.message}` : describe(next));
  } catch {
    parts.push("something that cannot be told");
  }
  return parts.join(" <- ").replaceAll("\0", "").toWellFormed();
}
