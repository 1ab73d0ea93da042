import { ReactiveDomainError, type ExpectedVersion, type Version } from "@reactive-domain/core";

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

/** A write that no store takes: a bad name, too large an event, ids twice. Nothing was written. */
export class InvalidWrite extends ReactiveDomainError {
  static readonly code = "invalid-write";

  constructor(what: string, expected: string, actual: string) {
    super(InvalidWrite.code, `${what} must be ${expected}, but is ${actual}. Nothing was written.`, {
      details: { what, expected, actual },
    });
  }
}

/** An event's payload or metadata is not JSON data. `details.path` tells where. */
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
