import { currentRuntime, correlationFrom, ReactiveDomainError, textOf, type JsonObject } from "@reactive-domain/core";
import { isInstance } from "../is-instance.ts";
import type { MessageDefinition } from "../message-definition.ts";
import { classOf, MessageBase, metadataOf, type CommandBase, type MetadataSource } from "../message.ts";
import { readPart } from "../read-part.ts";

/** What came of a command: an `ok` tells whether it was done. */
export type CommandResponse<R = unknown> = Success<R> | Fail | Canceled;

/** What a response says of the command that it answers. */
export interface ResponsePayload {
  readonly commandId: string;
  readonly commandType: string;
}

/** An error as it travels in a response. */
export interface FailureFacts {
  /** `error` of one that has none. */
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details: JsonObject;
  /** What led to it, like what the handler threw. */
  readonly cause?: FailureFacts;
}

/** What a bus says of a command on its way. It is correlated with the command. */
abstract class CommandNotice extends MessageBase {
  declare readonly commandId: string;
  declare readonly commandType: string;
}

/** A handler was found, and begins. */
export class Acknowledged extends CommandNotice {
  static override readonly type = "Acknowledged";
  static override readonly definition = definitionOf("Acknowledged");
}

/** A command was done. */
export class Success<R = unknown> extends CommandNotice {
  static override readonly type: string = "Success";
  static override readonly definition = definitionOf("Success");
  /** What its handler answered. */
  declare readonly result: R;

  get ok(): true {
    return true;
  }
}

/** What was thrown, by what tells of it. Not a private field: a response that was read is made without its constructor. */
const thrown = new WeakMap<NotDone, Error>();

abstract class NotDone extends CommandNotice {
  declare readonly failure: FailureFacts;

  constructor(payload: ResponsePayload & { readonly failure: FailureFacts }, metadata?: MetadataSource, error?: Error) {
    super(payload, metadata);
    if (error !== undefined) thrown.set(this, error);
  }

  get ok(): false {
    return false;
  }

  /** What `send` throws in its place. Of a response that was read, an error with the code, the message and the details of the one that was thrown. */
  get error(): Error {
    const known = thrown.get(this);
    if (known !== undefined) return known;
    const error = new RemoteFailure(this.failure);
    thrown.set(this, error);
    return error;
  }
}

/** A command was not done: it was refused, or its handler threw. */
export class Fail extends NotDone {
  static override readonly type: string = "Fail";
  static override readonly definition = definitionOf("Fail");
}

/** A command was given up: by its sender, or because its time was up. Its handler may still be at work. */
export class Canceled extends NotDone {
  static override readonly type: string = "Canceled";
  static override readonly definition = definitionOf("Canceled");
}

/** The error of a response that came from elsewhere. */
class RemoteFailure extends ReactiveDomainError {
  constructor({ code, message, retryable, details, cause }: FailureFacts) {
    super(code, message, { retryable, details, cause: cause && new RemoteFailure(cause) });
  }
}

function definitionOf(type: string): MessageDefinition {
  return { kind: "response", type, version: 1, upcasters: {}, schemas: [], subject: undefined, sensitive: [] };
}

export function acknowledged(command: CommandBase): Acknowledged {
  return new Acknowledged(answerTo(command), metadataFrom(command));
}

export function succeeded<R>(command: CommandBase<R>, result: R): Success<R> {
  return new Success<R>({ ...answerTo(command), result }, metadataFrom(command));
}

export function failed(command: CommandBase, error: Error): Fail {
  return new Fail({ ...answerTo(command), failure: factsOf(error) }, metadataFrom(command), error);
}

export function canceled(command: CommandBase, error: Error): Canceled {
  return new Canceled({ ...answerTo(command), failure: factsOf(error) }, metadataFrom(command), error);
}

function answerTo(command: CommandBase): ResponsePayload {
  return { commandId: metadataOf(command).id, commandType: classOf(command).type };
}

function metadataFrom(command: CommandBase): MetadataSource {
  const { clock, ids } = currentRuntime();
  const timeMs = clock.now();
  return () => ({ ...correlationFrom(metadataOf(command)), id: ids.next(), timeMs });
}

/** How many causes of causes are told. */
const MAX_CAUSES = 8;

function factsOf(error: unknown, causes = MAX_CAUSES): FailureFacts {
  const reason = isInstance(error, Error) && causes > 0 ? readPart(error, "cause") : undefined;
  const cause = reason === undefined ? undefined : { cause: factsOf(reason, causes - 1) };
  if (isInstance(error, ReactiveDomainError)) {
    const { code, message, retryable, details } = error;
    return { code, message, retryable, details, ...cause };
  }
  return { code: "error", message: textOf(error), retryable: false, details: {}, ...cause };
}
