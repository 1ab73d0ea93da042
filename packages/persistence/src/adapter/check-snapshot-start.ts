import { InvalidArgument } from "@reactive-domain/core";
import type { ReadOptions, UpTo } from "../read.ts";
import { isEventId } from "./check-event.ts";
import { checkCount } from "./check-read.ts";
import type { PageRequest, SnapshotPageRequest } from "./driver.ts";

const PURPOSE = "to begin behind a snapshot";

/**
 * Checks how a read begins behind a snapshot, and returns its first page's request; `undefined` where it begins without one. `first` is the request without it, which is
 * checked. Errors: `invalid-argument`.
 */
export function snapshotRequest(first: PageRequest, { snapshot, from, upTo }: ReadOptions): SnapshotPageRequest | undefined {
  if (snapshot === undefined) return undefined;
  const { source, direction, filter } = first;
  if (typeof snapshot !== "object" || snapshot === null) throw new InvalidArgument("snapshot", "an object", snapshot);
  const { schemaVersion, unlessRecorded } = snapshot;
  checkCount("snapshot.schemaVersion", schemaVersion, Number.MAX_SAFE_INTEGER);
  if (unlessRecorded !== undefined && !isEventId(unlessRecorded))
    throw new InvalidArgument("snapshot.unlessRecorded", "the id of an event, a UUID in lower case", unlessRecorded);
  if (!("stream" in source)) throw new InvalidArgument("source", `{ stream }, ${PURPOSE}`, source);
  if (direction !== "forwards") throw new InvalidArgument("direction", `forwards, ${PURPOSE}`, direction);
  if (from !== undefined && from !== "start") throw new InvalidArgument("from", `start, ${PURPOSE}`, from);
  if (filter !== undefined) throw new InvalidArgument("filter", `left out, ${PURPOSE}`, filter);
  const maxVersion = lastVersionWithin(upTo);
  return maxVersion === undefined ? undefined : { ...first, source, snapshot: { schemaVersion, unlessRecorded, maxVersion } };
}

/** Which version of a stream lies at an end is known beforehand only where the end is one. */
function lastVersionWithin(upTo: UpTo | undefined): number | undefined {
  if (upTo === undefined) return Number.MAX_SAFE_INTEGER;
  return "version" in upTo ? upTo.version : undefined;
}
