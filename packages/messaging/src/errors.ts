import { describe, ReactiveDomainError, textOf } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isInstance } from "./is-instance.ts";

/** One thing that is wrong with a payload. */
export interface PayloadIssue {
  /** The way to the field, like `lines.2.price`; empty for the payload itself. */
  readonly path: string;
  readonly message: string;
}

/** A message does not fit its schema. `issues` and `details.issues` tell each fault. No handler ran and nothing was written. */
export class InvalidMessage extends ReactiveDomainError {
  static readonly code = "invalid-message";
  readonly issues: readonly PayloadIssue[];

  constructor(type: string, issues: readonly PayloadIssue[]) {
    const told = issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
    super(InvalidMessage.code, `${type} does not fit its schema: ${told}`, {
      details: { type, issues: issues.map(({ path, message }) => ({ path, message })) },
    });
    this.issues = issues;
  }

  /** Takes issues as a schema gives them, which may be of any make. */
  static fromStandardSchema(type: string, issues: readonly (StandardSchemaV1.Issue | null | undefined)[]): InvalidMessage {
    return new InvalidMessage(
      type,
      issues.map((issue) => ({ message: plainText(issue?.message), path: pathText(issue?.path) })),
    );
  }
}

function pathText(path: StandardSchemaV1.Issue["path"]): string {
  if (!Array.isArray(path)) return "";
  return path
    .map((step: PropertyKey | StandardSchemaV1.PathSegment | null) =>
      plainText(typeof step === "object" && step !== null ? step.key : step),
    )
    .join(".");
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : describe(value);
}

/** A bus has no handler for this type, and `details.near` what may have been meant. Register one with `handle`. */
export class NotHandled extends ReactiveDomainError {
  static readonly code = "not-handled";

  constructor(type: string, handled: readonly string[], near: readonly string[] = []) {
    const known = handled.length === 0 ? "It handles nothing yet." : `It handles ${handled.join(", ")}.`;
    const meant = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
    super(NotHandled.code, `This bus has no handler for ${type}.${meant} ${known} Register one with handle(${type}, ...).`, {
      details: { type, handled, near },
    });
  }
}

/** A second handler was registered for a type that takes one. `details` tells where both are registered. Remove the first, or send another type. */
export class AlreadyHandled extends ReactiveDomainError {
  static readonly code = "already-handled";

  constructor(type: string, first: string, second: string) {
    super(
      AlreadyHandled.code,
      `${type} takes one handler, and has it already: from ${first}. A second was registered from ${second}. Remove one of them, or use another bus.`,
      { details: { type, first, second } },
    );
  }
}

/** Several connected buses have a handler for a command, and none of them ran. Keep one of them. */
export class Oversubscribed extends ReactiveDomainError {
  static readonly code = "oversubscribed";

  constructor(type: string, first: string, second: string) {
    super(
      Oversubscribed.code,
      `${type} takes one handler, and connected buses have two: from ${first}, and from ${second}. None of them ran. Remove one of them, or the connection.`,
      { details: { type, first, second } },
    );
  }
}

/** A handler did not answer in time. It may still be at work, and what it does counts: look before the same is sent again. */
export class TimedOut extends ReactiveDomainError {
  static readonly code = "timed-out";

  /** `setting`: where more time can be given. */
  constructor(type: string, timeoutMs: number, setting = "responseTimeoutMs") {
    super(
      TimedOut.code,
      `${type} was not answered within ${timeoutMs} ms. Its handler may still be at work; its signal is aborted. Give it more time (${setting}), or make it quicker.`,
      { details: { type, timeoutMs } },
    );
  }
}

/** What one handler of a published event threw. */
export interface HandlerFailure {
  /** The handler's name, as far as it has one. */
  readonly handler: string;
  readonly error: unknown;
}

/** Handlers of a published event threw; the others have handled it. `failures` tells each; `cause` is the first error. */
export class EventHandlersFailed extends ReactiveDomainError {
  static readonly code = "event-handlers-failed";
  readonly failures: readonly HandlerFailure[];

  constructor(type: string, failures: readonly HandlerFailure[]) {
    const told = failures.map(({ handler, error }) => `${handler}: ${textOf(error)}`);
    super(EventHandlersFailed.code, `${failures.length} of the handlers of ${type} failed: ${told.join("; ")}`, {
      cause: failures[0]?.error,
      details: { type, failures: told },
    });
    this.failures = failures;
  }
}

/** A message that belongs to one chain was about to be put into another. Make a new message instead. */
export class AlreadyCorrelated extends ReactiveDomainError {
  static readonly code = "already-correlated";

  constructor(type: string, causationId: string) {
    super(AlreadyCorrelated.code, `${type} was caused by message ${causationId} already. Make a new ${type} for another cause.`, {
      details: { type, causationId },
    });
  }
}

/** The handler of a command threw. `cause` is what it threw, and `retryable` is the cause's. */
export class CommandFailed extends ReactiveDomainError {
  static readonly code = "command-failed";

  constructor(type: string, commandId: string, cause: unknown) {
    const known = isInstance(cause, ReactiveDomainError) ? cause : undefined;
    super(CommandFailed.code, `${type} failed: ${textOf(cause)}`, {
      cause,
      retryable: known?.retryable ?? false,
      details: { type, commandId, ...(known && { causeCode: known.code }) },
    });
  }
}

/** The sender's signal was aborted: before the handler ran, which then did not run, or while it was at work. `cause` is the signal's reason. */
export class MessageCanceled extends ReactiveDomainError {
  static readonly code = "message-canceled";

  constructor(type: string, reason: unknown) {
    super(MessageCanceled.code, `${type} was cancelled.`, { cause: reason, details: { type } });
  }
}

/** A message has no custom metadata under this key. `details` tells the key and what there is. Write it first, or use `tryRead` where it may be missing. */
export class MetadataMissing extends ReactiveDomainError {
  static readonly code = "metadata-missing";

  constructor(name: string, present: readonly string[]) {
    const known = present.length === 0 ? "no custom metadata" : present.join(", ");
    super(MetadataMissing.code, `The message has no metadata ${name}, but ${known}. Write it before, or read it with tryRead.`, {
      details: { name, present },
    });
  }
}

/** A queue is full and refuses what comes: that is its policy, or the call came from one of its own handlers, which would wait for itself. */
export class QueueFull extends ReactiveDomainError {
  static readonly code = "queue-full";

  constructor(queue: string, capacity: number, isFromHandler: boolean) {
    const advice = isFromHandler
      ? "One of its own handlers does not wait for room, which it might have to make itself. Raise the capacity, or post to another queue."
      : "Post again later, or let the queue wait or drop its oldest message when it is full.";
    super(QueueFull.code, `The queue ${queue} is full: ${capacity} messages wait. ${advice}`, {
      retryable: true,
      details: { queue, capacity, isFromHandler },
    });
  }
}

/** A full queue gave a message up for another one, before its handler ran. */
export class MessageDropped extends ReactiveDomainError {
  static readonly code = "message-dropped";

  constructor(queue: string, type: string) {
    super(
      MessageDropped.code,
      `The queue ${queue} was full and dropped this ${type}, which was not handled. Send it again when there is less to do.`,
      {
        retryable: true,
        details: { queue, type },
      },
    );
  }
}

/** Somebody waits for a queue in which nothing has ended for a long time. A handler or reader that waits for its own queue waits for itself. */
export class QueueStalled extends ReactiveDomainError {
  static readonly code = "queue-stalled";

  constructor(queue: string, stalledMs: number, inProgress: number) {
    const told =
      inProgress === 0
        ? `a reader has not ended for ${stalledMs} ms, and the queue goes on without it. What reads must not wait for its own queue.`
        : `no message has ended for ${stalledMs} ms; ${inProgress} are in progress. ` +
          "A handler must not wait for its own queue: hand its context to post and close.";
    super(QueueStalled.code, `In the queue ${queue} ${told} Where they are that slow, raise stallAfterMs.`, {
      retryable: true,
      details: { queue, stalledMs, inProgress },
    });
  }
}
