import { describe, type Position } from "@reactive-domain/core";
import { InvalidWrite } from "../errors.ts";
import type { GroupEntryRecord, SnapshotRecord, StoreRecord } from "../store-record.ts";
import { checkGroupDefinition } from "./check-group.ts";
import { checkInteger, checkName, checkText, MAX_OWNER_CHARACTERS } from "./check-name.ts";
import type { WriteLimits } from "./check-event.ts";
import { checkWrite } from "./check-write.ts";

/** What another store holds is a fact already. */
export const NO_LIMITS: WriteLimits = { maxEventBytes: Number.MAX_SAFE_INTEGER, systemStreams: true };

/** Refuses a record that no store keeps. Errors: `invalid-write`, and `invalid-argument` for the definition of a group. */
export function checkRecord(record: StoreRecord): void {
  switch (record?.kind) {
    case "log":
      checkPlace(record.head, "The head of the log");
      checkInteger(record.headTimeMs, "The time of the head of the log", 0);
      return checkInteger(record.lastFence, "The last token of a claim", 0);
    case "stream":
      checkPlace(record.lastVersion, `The last version of ${record.stream}`);
      checkInteger(record.deletedBefore, `The version before which ${record.stream} is deleted`, 0);
      checkBoolean(record.isTombstoned, `Whether ${record.stream} is deleted for ever`);
      return checkWrite([{ kind: "metadata", stream: record.stream, metadata: record.metadata }], NO_LIMITS);
    case "snapshot":
      checkInteger(record.timeMs, `The time of snapshot ${record.name}`, 0);
      return checkWrite([{ ...record, data: dataOf(record) }], NO_LIMITS);
    case "checkpoint":
      return checkWrite([{ kind: "checkpoint", name: record.name, expected: null, position: record.position }], NO_LIMITS);
    case "lease":
      checkName(record.name, "The name of a lease");
      if (record.owner !== null) checkText(record.owner, `The owner of lease ${record.name}`, MAX_OWNER_CHARACTERS);
      checkInteger(record.fence, `The token of lease ${record.name}`, 1);
      return checkInteger(record.untilMs, `The end of lease ${record.name}`, 0);
    case "group":
      checkName(record.name, "The name of a consumer group");
      checkInteger(record.next, `The next position of group ${record.name}`, 0);
      checkGroupDefinition(record.definition);
      return;
    case "entry":
      return checkEntry(record);
    default:
      throw new InvalidWrite(
        "The kind of a record",
        "log, stream, snapshot, checkpoint, lease, group or entry",
        describe((record as { readonly kind?: unknown } | undefined)?.kind),
      );
  }
}

/** The data of a snapshot as it was put. Errors: `invalid-write`. */
export function dataOf({ name, data }: SnapshotRecord): string | Uint8Array {
  if (typeof data === "string") return data;
  const base64: unknown = data?.base64;
  if (typeof base64 !== "string") throw new InvalidWrite(`The data of snapshot ${name}`, "text, or bytes in base 64", describe(data));
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function checkEntry({ group, position, attempts, state }: GroupEntryRecord): void {
  const what = `The entry of group ${group} at ${position}`;
  checkName(group, "The name of a consumer group");
  checkInteger(position, `The position of an entry of group ${group}`, 0);
  checkInteger(attempts, `The attempts of ${what}`, 0);
  if (state?.kind === "waiting") {
    checkInteger(state.dueMs, `${what}: when it is due`, 0);
    checkBoolean(state.isSuspect, `${what}: whether it is a suspect`);
  } else if (state?.kind === "claimed") {
    checkText(state.consumer, `${what}: its consumer`, MAX_OWNER_CHARACTERS);
    checkInteger(state.fence, `${what}: its token`, 1);
    checkInteger(state.untilMs, `${what}: the end of its lease`, 0);
    checkBoolean(state.isAlone, `${what}: whether it is alone`);
    checkBoolean(state.isTrial, `${what}: whether it was a suspect`);
  } else if (state?.kind === "parked") {
    if (typeof state.error !== "string") throw new InvalidWrite(`${what}: its error`, "text", describe(state.error));
    checkInteger(state.atMs, `${what}: when it was parked`, 0);
  } else throw new InvalidWrite(`${what}: its state`, "waiting, claimed or parked", describe(state));
}

function checkPlace(place: Position | number | null, what: string): void {
  if (place !== null) checkInteger(place, `${what}, unless it is null,`, 0);
}

function checkBoolean(value: unknown, what: string): void {
  if (typeof value !== "boolean") throw new InvalidWrite(what, "true or false", describe(value));
}
