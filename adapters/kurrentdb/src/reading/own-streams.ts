import { createHash } from "node:crypto";

/** The streams in which the store keeps what is no event: nobody reads them as events, and nobody else writes them. */
const SNAPSHOTS = "rd_snapshot-";
const CHECKPOINTS = "rd_checkpoint-";
const GROUPS = "rd_group-";
/** Characters of names that are kept as they are. */
const MAX_NAME = 480;
const OWN_CATEGORIES: ReadonlySet<string> = new Set(["rd_snapshot", "rd_checkpoint", "rd_group"]);

/** Streams of the server and of the store, as an expression that servers understand. */
export const SHOWN_STREAMS = `^(?!\\$|${SNAPSHOTS}|${CHECKPOINTS}|${GROUPS})`;

/** Where the definitions of all consumer groups are. */
export const GROUP_DEFINITIONS = `${GROUPS}definitions`;

export function snapshotStream(name: string): string {
  return SNAPSHOTS + kept(name);
}

export function checkpointStream(name: string): string {
  return CHECKPOINTS + kept(name);
}

/** Names of streams end where names of what is kept in them end: a longer one is told by its hash. */
function kept(name: string): string {
  return name.length > MAX_NAME ? `#${createHash("sha256").update(name).digest("hex")}` : name;
}

/** Whether a stream belongs to the server or to the store. */
export function isHiddenStream(stream: string): boolean {
  return stream.startsWith("$") || isOwnStream(stream);
}

export function isOwnStream(stream: string): boolean {
  return stream.startsWith(SNAPSHOTS) || stream.startsWith(CHECKPOINTS) || stream.startsWith(GROUPS);
}

export function isHiddenCategory(category: string): boolean {
  return category.startsWith("$") || OWN_CATEGORIES.has(category);
}
