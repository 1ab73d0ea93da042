import { hash } from "node:crypto";
import { findDataProblem, type JsonValue } from "@reactive-domain/core";
import { NotSerializable, type Snapshot, type SnapshotItem } from "@reactive-domain/persistence";

const CONTENT_TYPE = "application/json";

/** What a state is of. */
export type SnapshotPlace = Pick<Snapshot, "name" | "version" | "schemaVersion">;

/** Makes a snapshot of a state, with a hash of it and of what it is the state of. `what` is what errors call it. Errors: `not-serializable`. */
export function sealState(what: string, place: SnapshotPlace, state: unknown): SnapshotItem {
  const problem = findDataProblem(state);
  if (problem !== undefined) throw new NotSerializable(what, problem.path, problem.reason);
  const data = JSON.stringify(state);
  return { kind: "snapshot", ...place, contentType: CONTENT_TYPE, data, hash: digest(place, data) };
}

/** The state that a snapshot holds. Throws a `TypeError` that tells what is wrong with one that is not whole. */
export function unsealState(snapshot: Snapshot): JsonValue {
  const { contentType, data } = snapshot;
  if (contentType !== CONTENT_TYPE || typeof data !== "string")
    throw new TypeError(`Its content type is ${contentType}, and not ${CONTENT_TYPE}.`);
  if (digest(snapshot, data) !== snapshot.hash) throw new TypeError("Its hash is not that of its data.");
  return JSON.parse(data) as JsonValue;
}

function digest({ name, version, schemaVersion }: SnapshotPlace, data: string): string {
  return hash("sha256", `${name}\n${version}\n${schemaVersion}\n${data}`, "hex");
}
