import { checkObject, InvalidArgument } from "@reactive-domain/core";
import { derives } from "./derives.ts";
import type { MessageClass } from "./message-types.ts";
import { MessageBase } from "./message.ts";

/** Message classes by name and by descent. It knows what it was given: importing a module adds nothing. */
export interface MessageCatalog {
  /** All of them, in the order in which they were given. */
  readonly messages: readonly MessageClass[];
  /** The class of a type name, alone or behind the context's name, or `undefined`. */
  byName(name: string): MessageClass | undefined;
  /** The name that is unique among contexts: `banking.AmountDeposited`, or the type name where the catalog has no context. Errors: `invalid-argument` for a class that it does not list. */
  fullNameOf(messageClass: MessageClass): string;
  /** The class, if it is listed, and those listed that derive from it, also through others: the nearest first. Takes `EventBase` and its like, too. */
  descendantsOf<M extends object>(messageClass: MessageClass<M>): readonly MessageClass<M>[];
  /** The class, if it is listed, and those listed that it derives from: the nearest first. */
  ancestorsOf(messageClass: MessageClass): readonly MessageClass[];
}

export interface MessageCatalogOptions {
  /** The name of the context that the type names belong to. */
  readonly context?: string;
}

/**
 * Makes a catalog of message classes, like those of a bounded context: `createMessageCatalog(banking.events, { context: banking.name })`.
 *
 * Errors: `invalid-argument` for what is no message class, a name that several have, and a class that is given twice.
 */
export function createMessageCatalog(messages: readonly MessageClass[], options: MessageCatalogOptions = {}): MessageCatalog {
  if (!Array.isArray(messages)) throw new InvalidArgument("messages", "a list of message classes", messages);
  const stray = (messages as readonly unknown[]).findIndex((one) => !isMessageClass(one));
  if (stray >= 0) throw new InvalidArgument(`Number ${stray} of messages`, "a class made by Event, Command or Query", messages[stray]);
  checkObject("The options of a message catalog", options);
  const { context } = options;
  if (context !== undefined && (typeof context !== "string" || context.trim() === ""))
    throw new InvalidArgument("context", "a name that is not blank", context);
  return new ListedMessages(messages, context === undefined ? "" : `${context}.`);
}

class ListedMessages implements MessageCatalog {
  readonly messages: readonly MessageClass[];
  readonly #prefix: string;
  readonly #byName = new Map<string, MessageClass>();

  constructor(messages: readonly MessageClass[], prefix: string) {
    this.messages = [...messages];
    this.#prefix = prefix;
    for (const messageClass of this.messages)
      for (const name of new Set([messageClass.type, prefix + messageClass.type])) this.#add(name, messageClass);
  }

  byName(name: string): MessageClass | undefined {
    return this.#byName.get(name);
  }

  fullNameOf(messageClass: MessageClass): string {
    if (this.#byName.get(messageClass.type) !== messageClass)
      throw new InvalidArgument("messageClass", "one of the catalog's", messageClass.type, "List it there.");
    return this.#prefix + messageClass.type;
  }

  descendantsOf<M extends object>(messageClass: MessageClass<M>): readonly MessageClass<M>[] {
    const found = this.messages.filter((one): one is MessageClass<M> => isOf(one, messageClass));
    return found.toSorted((one, other) => depthOf(one) - depthOf(other));
  }

  ancestorsOf(messageClass: MessageClass): readonly MessageClass[] {
    return this.messages.filter((one) => isOf(messageClass, one)).toSorted((one, other) => depthOf(other) - depthOf(one));
  }

  #add(name: string, messageClass: MessageClass): void {
    if (this.#byName.has(name))
      throw new InvalidArgument(
        `The number of messages named ${name}`,
        "1",
        "more",
        "Rename one, list it once, or make a catalog for each context.",
      );
    this.#byName.set(name, messageClass);
  }
}

function isMessageClass(one: unknown): boolean {
  return typeof one === "function" && one.prototype instanceof MessageBase && typeof (one as Partial<MessageClass>).type === "string";
}

function isOf(one: MessageClass, base: MessageClass): boolean {
  return one === base || derives(one, base);
}

/** How many classes lie above one. */
function depthOf(messageClass: MessageClass): number {
  let depth = 0;
  for (let above: unknown = messageClass; above !== null; above = Object.getPrototypeOf(above)) depth++;
  return depth;
}
