import type { ExpectedVersion } from "@reactive-domain/core";
import {
  EventAlreadyRecorded,
  StreamTombstoned,
  WrongExpectedVersion,
  type NewEvent,
  type StreamInfo,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type { ServerContext } from "../server-context.ts";
import type { Principal } from "../access/principal.ts";
import { toRead, toWrite } from "../access/stream-rights.ts";
import { itemsToAppend, tellWritten } from "../streams/append-events.ts";
import { RevisionConflict } from "../wire/revision-conflict.ts";
import { streamOfError } from "../wire/stream-of-error.ts";
import { isTrue, violated, type StreamCheck } from "./stream-check.ts";

/** Events by their streams, and what is said of these and of others. */
export interface CheckedWrite {
  readonly events: ReadonlyMap<string, readonly NewEvent[]>;
  readonly checks: readonly StreamCheck[];
  /** For whom it is. */
  readonly principal: Principal;
}

/** Between a refusal and the look at the streams somebody else may write: hardly ever twice. */
const MAX_TRIES = 10;

/** Writes if all checks are true. Errors: a refusal that tells of all that are not, and those of the store. */
export async function writeChecked(context: ServerContext, write: CheckedWrite): Promise<WriteResult> {
  const { store } = context;
  await requireRights(context, write);
  if (contradicts(write.checks)) await refuseUntrue(context, write.checks);
  let gone: ReadonlySet<string> = new Set();
  for (let tries = 1; ; tries++) {
    try {
      const result = await store.write(await itemsOf(context, write, gone), { systemStreams: true });
      tellWritten(context, write.events.keys());
      return result;
    } catch (error) {
      if (!isOfStream(error)) throw error;
      const infos = await refuseUntrue(context, write.checks);
      await refuse(context, error, write.events);
      if (tries === MAX_TRIES) throw error;
      gone = new Set([...infos.values()].filter(({ state }) => state === "tombstoned").map(({ stream }) => stream));
    }
  }
}

/** What is said of a stream, and whether it is so, tells of it: who may write it learns that anyway. Errors: access denied. */
async function requireRights({ access }: ServerContext, { events, checks, principal }: CheckedWrite): Promise<void> {
  for (const stream of events.keys()) await toWrite(access, principal, stream);
  for (const { stream } of checks) if (!events.has(stream)) await toRead(access, principal, stream);
}

type StreamError = WrongExpectedVersion | StreamTombstoned | EventAlreadyRecorded;

/** How streams are of which something is said. Errors: what is not so. */
async function refuseUntrue(context: ServerContext, checks: readonly StreamCheck[]): Promise<ReadonlyMap<string, StreamInfo>> {
  const infos = await infosOf(context, checks);
  const untrue = checks.filter((check) => {
    const info = infos.get(check.stream);
    return info !== undefined && !isTrue(check, info);
  });
  if (untrue.length > 0) throw violated(untrue, infos);
  return infos;
}

/** Errors: why the write stays refused though all that was said is true, where it does. */
async function refuse({ store }: ServerContext, error: StreamError, events: CheckedWrite["events"]): Promise<void> {
  const stream = streamOfError(error);
  if (error instanceof EventAlreadyRecorded) throw conflictOf(await store.streamInfo(stream));
  if (error instanceof StreamTombstoned && events.has(stream)) throw error;
}

function conflictOf({ stream, state, lastVersion }: StreamInfo): RevisionConflict {
  return new RevisionConflict(stream, "any", { actual: lastVersion, isDeleted: state === "deleted" });
}

function isOfStream(error: unknown): error is StreamError {
  return error instanceof WrongExpectedVersion || error instanceof StreamTombstoned || error instanceof EventAlreadyRecorded;
}

async function infosOf({ store }: ServerContext, checks: readonly StreamCheck[]): Promise<ReadonlyMap<string, StreamInfo>> {
  const infos = new Map<string, StreamInfo>();
  for (const { stream } of checks) if (!infos.has(stream)) infos.set(stream, await store.streamInfo(stream));
  return infos;
}

/** `gone` are streams that are no more for ever: that such a stream is none needs no looking at. */
async function itemsOf(
  context: ServerContext,
  { events, checks, principal }: CheckedWrite,
  gone: ReadonlySet<string>,
): Promise<readonly WriteItem[]> {
  const expected = new Map<string, ExpectedVersion>();
  for (const { stream, expected: said } of checks) expected.set(stream, stricter(said, expected.get(stream)));
  const items = [...events].map(([stream, own]) =>
    itemsToAppend(context, { stream, expectedVersion: expected.get(stream) ?? "any", events: own }, principal),
  );
  const appends = (await Promise.all(items)).flat();
  const written = new Set(appends.flatMap((item) => (item.kind === "append" || item.kind === "delete" ? [item.stream] : [])));
  const others = [...expected].flatMap(([stream, expectedVersion]): readonly WriteItem[] =>
    written.has(stream) || gone.has(stream) || expectedVersion === "any" ? [] : [{ kind: "expect", stream, expectedVersion }],
  );
  return [...appends, ...others];
}

/** The one of two things said of a stream that leaves less. */
function stricter(said: ExpectedVersion, before: ExpectedVersion = "any"): ExpectedVersion {
  return rank(said) >= rank(before) ? said : before;
}

function rank(expected: ExpectedVersion): number {
  if (expected === "any") return 0;
  return expected === "exists" ? 1 : 2;
}

/** Whether two checks say of a stream what cannot both be true. */
function contradicts(checks: readonly StreamCheck[]): boolean {
  return checks.some(({ stream, expected }, index) =>
    checks.slice(index + 1).some((other) => other.stream === stream && excludes(expected, other.expected)),
  );
}

function excludes(one: ExpectedVersion, other: ExpectedVersion): boolean {
  if (one === other || one === "any" || other === "any") return false;
  return one === "noStream" || other === "noStream" || (one !== "exists" && other !== "exists");
}
