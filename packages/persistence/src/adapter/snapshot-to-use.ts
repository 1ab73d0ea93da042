import type { Snapshot } from "../snapshot.ts";
import type { SnapshotPageRequest } from "./driver.ts";
import type { StoreView } from "./plan-write.ts";

/** Decides whether a read begins behind the snapshot of its stream's name; `undefined` where there is none, or it is passed over. */
export function snapshotToUse(request: SnapshotPageRequest, found: Snapshot | undefined, view: StoreView): Snapshot | undefined {
  const { stream } = request.source;
  const { schemaVersion, unlessRecorded, maxVersion } = request.snapshot;
  if (found === undefined || found.schemaVersion !== schemaVersion || found.version > maxVersion) return undefined;
  const { state, lastVersion } = view.head(stream);
  if (state !== "live" || lastVersion === null || found.version > lastVersion) return undefined;
  const recorded = unlessRecorded === undefined ? undefined : view.find(stream, unlessRecorded);
  return recorded !== undefined && recorded.version <= found.version ? undefined : found;
}
