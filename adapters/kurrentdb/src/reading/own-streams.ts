/** The streams in which the store keeps what is no event: nobody reads them as events, and nobody else writes them. */
const SNAPSHOTS = "rd_snapshot-";
const CHECKPOINTS = "rd_checkpoint-";
const OWN_CATEGORIES: readonly string[] = ["rd_snapshot", "rd_checkpoint"];

/** Streams of the server and of the store, as an expression that servers understand. */
export const SHOWN_STREAMS = `^(?!\\$|${SNAPSHOTS}|${CHECKPOINTS})`;

export function snapshotStream(name: string): string {
  return SNAPSHOTS + name;
}

export function checkpointStream(name: string): string {
  return CHECKPOINTS + name;
}

/** Whether a stream belongs to the server or to the store. */
export function isHiddenStream(stream: string): boolean {
  return stream.startsWith("$") || isOwnStream(stream);
}

export function isOwnStream(stream: string): boolean {
  return stream.startsWith(SNAPSHOTS) || stream.startsWith(CHECKPOINTS);
}

export function isHiddenCategory(category: string): boolean {
  return category.startsWith("$") || OWN_CATEGORIES.includes(category);
}
