import { correlationFrom, currentRuntime, InvalidArgument, type Correlation, type MessageMetadata } from "@reactive-domain/core";
import { correlate, MessageBase, metadataOf, setFacts, type MessageFacts } from "./message.ts";

/** Makes messages whose place in their chain is known. */
export interface MessageFactory {
  /** Puts a new message in its place and returns it. `facts` go over what follows from that place. Errors: `invalid-argument`. */
  create<M extends MessageBase>(message: M, facts?: MessageFacts): M;
}

/** Makes correlated messages (the guide's `MessageBuilder`). */
export interface MessageBuilder extends MessageFactory {
  /** A factory of messages that `source` leads to: they share its correlation id, and have its id as their causation id. Errors: `invalid-argument`. */
  from(source: MessageBase | MessageMetadata): MessageFactory;
}

/**
 * @example
 * const command = MessageBuilder.create(new Deposit({ accountId, amount: 100 }), { actor: "ann" });
 * const next = MessageBuilder.from(command).create(new Withdraw({ accountId, amount: 1 }));
 */
export const MessageBuilder: MessageBuilder = {
  create: (message, facts = {}) => setFacts(message, facts),
  from: (source) => factoryFrom(correlationFrom(metadataIn(source))),
};

function metadataIn(source: MessageBase | MessageMetadata): MessageMetadata {
  if (source instanceof MessageBase) return metadataOf(source);
  if (typeof source === "object" && source !== null && typeof source.id === "string" && source.id !== "") return source;
  throw new InvalidArgument("source", "a message, or the metadata of one", source);
}

function factoryFrom(correlation: Correlation): MessageFactory {
  return {
    create(message, facts) {
      const ids = currentRuntime().ids;
      correlate(message, correlation, () => facts?.id ?? ids.next());
      return facts === undefined ? message : setFacts(message, facts);
    },
  };
}
