import { checkObject, currentRuntime, currentTrace, InvalidArgument, type Correlation, type MessageMetadata } from "@reactive-domain/core";
import { AlreadyCorrelated } from "./errors.ts";
import type { MessageDefinition } from "./message-definition.ts";

/** Metadata, or how to get it when somebody asks: reading a long history should not decode what nobody looks at. */
export type MetadataSource = MessageMetadata | (() => MessageMetadata);

/** The same, of a message that was read: its metadata is made of what it was read from. */
type AnyMetadataSource = MessageMetadata | ((origin: unknown) => MessageMetadata);

let read: (message: MessageBase) => MessageMetadata;
let madeAt: (message: MessageBase) => number;
let sourceOf: (message: MessageBase) => AnyMetadataSource | undefined;
let write: (message: MessageBase, metadata: MetadataSource) => void;

type Custom = NonNullable<MessageMetadata["custom"]>;

/** The custom metadata of messages that have no place in a chain yet, by how the rest of theirs is made. */
const drafts = new WeakMap<(origin: unknown) => MessageMetadata, Custom>();

/**
 * The base of all messages. An instance's own properties are its payload and nothing else; what is known about it beside that is behind
 * {@link metadataOf}.
 */
export abstract class MessageBase {
  static readonly type: string;
  static readonly definition: MessageDefinition;

  static {
    read = (message) => {
      if (!(#metadata in message)) throw notMessage(message);
      const metadata = message.#metadata;
      if (typeof metadata === "object") return metadata;
      const made = metadata === undefined ? newMetadata(message.#origin as number) : metadata(message.#origin);
      message.#metadata = made;
      message.#origin = undefined;
      return made;
    };
    write = (message, metadata) => {
      message.#metadata = metadata;
    };
    madeAt = (message) => message.#origin as number;
    sourceOf = (message) => message.#metadata;
  }

  #metadata: AnyMetadataSource | undefined;
  /** Until its metadata is made, what that is made of: the time at which a new message was made, or what another one was read from. */
  #origin: unknown;

  constructor(payload: object, metadata?: AnyMetadataSource, origin?: unknown) {
    if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
      throw new InvalidArgument(`The payload of ${new.target.type}`, "an object", payload);
    }
    if (Object.hasOwn(payload, "__proto__"))
      throw new InvalidArgument(`The payload of ${new.target.type}`, "without a key __proto__", payload);
    this.#metadata = metadata;
    this.#origin = metadata === undefined ? currentRuntime().clock.now() : origin;
    Object.assign(this, payload);
  }
}

/** The metadata of a message that nothing led to: its id is its correlation id. */
function newMetadata(timeMs: number, id = currentRuntime().ids.next()): MessageMetadata {
  return { id, correlationId: id, timeMs, ...currentTrace() };
}

declare const kind: unique symbol;
declare const resultType: unique symbol;

/** The base of events: facts that have happened. */
export abstract class EventBase extends MessageBase {
  declare readonly [kind]: "event";
}

/** The base of commands: requests to one handler, which answers with `R`. */
export abstract class CommandBase<out R = unknown> extends MessageBase {
  declare readonly [kind]: "command";
  declare readonly [resultType]?: R;
}

/** The base of queries: questions to one handler, which answers with `R`. */
export abstract class QueryBase<out R = unknown> extends MessageBase {
  declare readonly [kind]: "query";
  declare readonly [resultType]?: R;
}

/**
 * The metadata of a message. A message that was just constructed starts a chain of its own: it gets its id, which is also its correlation id,
 * when it is first asked for.
 */
export function metadataOf(message: MessageBase): MessageMetadata {
  return read(message);
}

/** Whether nobody has said or asked yet where the message belongs. */
export function isUnplaced(message: MessageBase): boolean {
  const source = sourceOf(message);
  return source === undefined || (typeof source === "function" && drafts.has(source));
}

/** The custom metadata of a message, which gets no id and no place by the question. */
export function customOf(message: MessageBase): Custom | undefined {
  if (!isUnplaced(message)) return read(message).custom;
  const source = sourceOf(message);
  return typeof source === "function" ? drafts.get(source) : undefined;
}

/** Writes custom metadata in place of what a message has of it. One without a place stays so. */
export function setCustom(message: MessageBase, custom: Custom): void {
  if (!isUnplaced(message)) return write(message, { ...read(message), custom });
  const make = (): MessageMetadata => ({ ...newMetadata(madeAt(message)), custom });
  drafts.set(make, custom);
  write(message, make);
}

/** What the maker of a message adds to, or takes from, its metadata. */
export type MessageFacts = Partial<Omit<MessageMetadata, "timeMs">>;

/**
 * Puts a message into the chain of the message that led to it. It gets a new id when somebody looks. What was said of it
 * before, like its actor or custom metadata, stays.
 *
 * Errors: `already-correlated` when a message other than that one led to it before.
 */
export function correlate<M extends MessageBase>(message: M, correlation: Correlation, makeId: () => string): M {
  const own: Partial<MessageMetadata> = isUnplaced(message) ? draftOf(message) : read(message);
  if (own.causationId !== undefined && own.causationId !== correlation.causationId)
    throw new AlreadyCorrelated(classOf(message).type, own.causationId);
  const { correlationId: _, id: __, timeMs = madeAt(message), ...facts } = own;
  write(message, () => ({ ...correlation, ...facts, id: makeId(), timeMs }));
  return message;
}

/** What is known of a message without a place. */
function draftOf(message: MessageBase): Pick<MessageMetadata, "custom"> {
  const custom = customOf(message);
  return custom === undefined ? {} : { custom };
}

/**
 * Writes facts over the metadata of a new message; a new id without a correlation id begins a chain of its own. Facts that are undefined change nothing.
 *
 * Errors: `invalid-argument`.
 */
export function setFacts<M extends MessageBase>(message: M, facts: MessageFacts): M {
  checkMessage(message);
  checkFacts(facts);
  const own =
    isUnplaced(message) && facts.id !== undefined ? { ...draftOf(message), ...newMetadata(madeAt(message), facts.id) } : read(message);
  const known = Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
  write(message, { ...own, ...known });
  return message;
}

/** Errors: `invalid-argument`. */
function checkFacts(facts: MessageFacts): void {
  checkObject("The facts of a message", facts);
  const { custom, ...texts } = facts;
  if (custom !== undefined) checkObject("The custom metadata of a message", custom);
  for (const [name, fact] of Object.entries<unknown>(texts))
    if (fact !== undefined && typeof fact !== "string") throw new InvalidArgument(`The ${name} of a message`, "text", fact);
  if (facts.id?.trim() === "") throw new InvalidArgument("The id of a message", "text that is not blank", facts.id);
}

/** The declaration of a message, or of a message class. */
export function definitionOf(message: MessageBase | { readonly definition: MessageDefinition }): MessageDefinition {
  return message instanceof MessageBase ? classOf(message).definition : message.definition;
}

/** Errors: `invalid-argument` where a message is none. */
export function checkMessage(message: MessageBase): void {
  if (!(message instanceof MessageBase)) throw notMessage(message);
}

function notMessage(actual: unknown): InvalidArgument {
  return new InvalidArgument("message", "an instance of a class made by Event, Command or Query", actual);
}

/** The class that a message was made by. */
export function classOf(message: MessageBase): typeof MessageBase {
  checkMessage(message);
  // Not message.constructor: a payload may have a field of that name.
  return (Object.getPrototypeOf(message) as { readonly constructor: typeof MessageBase }).constructor;
}
