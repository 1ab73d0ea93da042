import { ReactiveDomainError, type ExpectedVersion, type Position, type Version } from "@reactive-domain/core";
import type { Capability } from "./capability.ts";
import type { Fence } from "./lease.ts";
import type { MaintenanceCapability } from "./store-maintenance.ts";

/** A stream is not where the writer believed. Nothing was written. Load again, decide again, save again. */
export class WrongExpectedVersion extends ReactiveDomainError {
  static readonly code = "wrong-expected-version";
  readonly stream: string;
  readonly expected: ExpectedVersion;
  /** The version of the stream's last event; `null` when it does not exist. */
  readonly actual: Version | null;

  constructor(stream: string, expected: ExpectedVersion, actual: Version | null) {
    const is = actual === null ? "does not exist" : `is at version ${actual}`;
    super(
      WrongExpectedVersion.code,
      `Stream ${stream} was expected ${inWords(expected)}, but ${is}. Nothing was written. Load it again and decide again.`,
      {
        retryable: true,
        details: { stream, expected, actual },
      },
    );
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

function inWords(expected: ExpectedVersion): string {
  if (expected === "noStream") return "not to exist";
  return expected === "exists" ? "to exist" : `at version ${expected}`;
}

/** Some events of a write are in the log and others are not, or they are there in another order. Nothing was written. */
export class EventAlreadyRecorded extends ReactiveDomainError {
  static readonly code = "event-already-recorded";

  constructor(stream: string, eventId: string, version: Version) {
    super(
      EventAlreadyRecorded.code,
      `Event ${eventId} is in stream ${stream} already, as version ${version}, but not all events of this write are, in this order. ` +
        "Nothing was written. Repeat a write with all of its events, or give new events new ids.",
      { details: { stream, eventId, version } },
    );
  }
}

/** A write that no store takes: a bad name, too large an event, ids twice. Nothing was written. Of too large an event, `details.maxEventBytes` has the limit. */
export class InvalidWrite extends ReactiveDomainError {
  static readonly code = "invalid-write";

  constructor(what: string, expected: string, actual: string, limits: { readonly maxEventBytes?: number } = {}) {
    super(InvalidWrite.code, `${what} must be ${expected}, but is ${actual}. Nothing was written.`, {
      details: { what, expected, actual, ...limits },
    });
  }
}

/** An event's payload or metadata, or an item of a read model, is not JSON data. `details.path` tells where. */
export class NotSerializable extends ReactiveDomainError {
  static readonly code = "not-serializable";

  constructor(type: string, path: string, reason: string) {
    super(NotSerializable.code, `${type} cannot be stored as JSON: ${path} ${reason}.`, { details: { type, path, reason } });
  }
}

/** An event of a type that the context does not list was read. List its class, or read fewer types. */
export class UnknownEventType extends ReactiveDomainError {
  static readonly code = "unknown-event-type";

  constructor(type: string, where: string, known: readonly string[]) {
    super(
      UnknownEventType.code,
      `${where} has the type ${type}, which is not among the events of this context (${known.join(", ")}). List its class there.`,
      {
        details: { type, where, known },
      },
    );
  }
}

/** A stored event cannot be turned into a message: broken JSON, an unknown content type, a newer schema version. */
export class CorruptEvent extends ReactiveDomainError {
  static readonly code = "corrupt-event";

  constructor(type: string, where: string, problem: string, cause?: unknown) {
    super(CorruptEvent.code, `${where}, a ${type}, cannot be read: ${problem}.`, { cause, details: { type, where, problem } });
  }
}

/** A file or database is not one of this store, or is of a version that it does not know. */
export class ForeignStore extends ReactiveDomainError {
  static readonly code = "foreign-store";

  constructor(location: string, problem: string, advice: string) {
    super(ForeignStore.code, `${location} ${problem}. ${advice}`, { details: { location, problem } });
  }
}

/** A store cannot be reached, opened or written. `retryable` tells whether waiting may help. */
export class StoreUnavailable extends ReactiveDomainError {
  static readonly code = "store-unavailable";

  constructor(location: string, problem: string, options: { readonly retryable: boolean; readonly cause?: unknown }) {
    super(StoreUnavailable.code, `${location} ${problem}.`, { ...options, details: { location, problem } });
  }
}

/** A stream was deleted for ever. Nothing was written. Use another stream. */
export class StreamTombstoned extends ReactiveDomainError {
  static readonly code = "stream-tombstoned";

  constructor(stream: string) {
    super(StreamTombstoned.code, `Stream ${stream} was deleted for ever. Nothing was written. Write to another stream.`, {
      details: { stream },
    });
  }
}

/** A checkpoint is not where the writer believed: somebody else has moved it. Nothing was written. Go on from where it is. */
export class WrongCheckpoint extends ReactiveDomainError {
  static readonly code = "wrong-checkpoint";
  readonly expected: Position | null;
  readonly actual: Position | null;

  constructor(name: string, expected: Position | null, actual: Position | null) {
    super(
      WrongCheckpoint.code,
      `Checkpoint ${name} was expected ${placeText(expected)}, but is ${placeText(actual)}. Nothing was written. Go on from where it is.`,
      { details: { name, expected, actual } },
    );
    this.expected = expected;
    this.actual = actual;
  }
}

function placeText(position: Position | null): string {
  return position === null ? "not to exist" : `at position ${position}`;
}

/** A worker came with the token of a lease that is another's now. Nothing was written. It must stop: its successor is at work. */
export class Fenced extends ReactiveDomainError {
  static readonly code = "fenced";

  constructor(name: string, given: Fence | undefined, current: Fence | undefined) {
    const told = given === undefined ? "came without a token" : `came with token ${given}`;
    const known = current === undefined ? "there is no lease of that name" : `its lease has token ${current}`;
    super(Fenced.code, `A write under ${name} ${told}, but ${known}. Nothing was written. Stop, or acquire the lease again.`, {
      details: { name, given: given ?? null, current: current ?? null },
    });
  }
}

/** A lease is another's now, or was given back. Stop, or acquire it again. */
export class LeaseLost extends ReactiveDomainError {
  static readonly code = "lease-lost";

  constructor(name: string, owner: string, fence: Fence) {
    super(LeaseLost.code, `Lease ${name} is not held by ${owner} under token ${fence} any more. Stop, or acquire it again.`, {
      details: { name, owner, fence },
    });
  }
}

/** A position lies behind the end of the log: it comes from another log, or from one that lost its end, as a restored backup does. */
export class AheadOfLog extends ReactiveDomainError {
  static readonly code = "ahead-of-log";

  /** `end` is where the log ends, or the stream, where the place is counted in versions. */
  constructor(what: string, place: number, end: number | null, unit: "position" | "version" = "position") {
    const whole = unit === "position" ? "log" : "stream";
    const ending = end === null ? "before its first event" : `at ${end}`;
    super(
      AheadOfLog.code,
      `${what} is at ${unit} ${place}, but the ${whole} ends ${ending}. Check that this is the log that the ${unit} was taken from.`,
      { details: { what, [unit]: place, head: end } },
    );
  }
}

/** There is no consumer group of this name. Create it first. */
export class GroupNotFound extends ReactiveDomainError {
  static readonly code = "group-not-found";

  constructor(group: string) {
    super(GroupNotFound.code, `There is no consumer group ${group}. Create it first.`, { details: { group } });
  }
}

/** A consumer group of this name has another definition. Delete it first, or take another name. */
export class GroupExists extends ReactiveDomainError {
  static readonly code = "group-exists";

  constructor(group: string) {
    super(GroupExists.code, `Consumer group ${group} exists with another definition. Delete it first, or take another name.`, {
      details: { group },
    });
  }
}

/** A delivery is not the consumer's any more: its lease ended, or it was settled. Nothing was written. It goes, or went, to another. */
export class DeliveryLost extends ReactiveDomainError {
  static readonly code = "delivery-lost";

  constructor(group: string, position: Position, fence: Fence) {
    super(
      DeliveryLost.code,
      `The delivery of position ${position} under token ${fence} in group ${group} is not held any more. Nothing was written. Claim again.`,
      { details: { group, position, fence } },
    );
  }
}

/** The store lacks what was asked for. `details.reason` tells why. Nothing was done. */
export class NotSupported extends ReactiveDomainError {
  static readonly code = "not-supported";

  constructor(store: string, capability: Capability | MaintenanceCapability, reason: string) {
    super(NotSupported.code, `${store} does not support ${capability}: ${reason}.`, { details: { store, capability, reason } });
  }
}

/** A store does not take what another one hands over. Nothing of it was taken. `details.problem` tells why. */
export class TransferRefused extends ReactiveDomainError {
  static readonly code = "transfer-refused";

  constructor(store: string, problem: string, advice: string) {
    super(TransferRefused.code, `${store} ${problem}. Nothing was taken. ${advice}.`, { details: { store, problem } });
  }
}

/** A store is a copy that is not whole yet, and takes nothing but what it is copied from. Nothing was done. Finish the copy first. */
export class CopyUnderWay extends ReactiveDomainError {
  static readonly code = "copy-under-way";

  constructor(store: string) {
    super(CopyUnderWay.code, `${store} is a copy that is not whole yet. Nothing was done. Finish the copy first, or take another store.`, {
      details: { store },
    });
  }
}
