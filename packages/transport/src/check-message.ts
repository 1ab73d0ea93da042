import { InvalidArgument } from "@reactive-domain/core";
import type { TransportMessage } from "./transport-message.ts";

/** Refuses a channel without a name. Errors: `invalid-argument`. */
export function checkChannel(channel: string): void {
  checkText("channel", channel);
}

/** Refuses what no transport takes, before anything is accepted. Errors: `invalid-argument`. */
export function checkMessages(messages: readonly TransportMessage[], maxMessages: number): void {
  if (!Array.isArray(messages) || messages.length === 0) throw new InvalidArgument("messages", "a list of at least one message", messages);
  if (messages.length > maxMessages) {
    throw new InvalidArgument(
      "messages",
      `at most ${maxMessages} messages, which is all that a channel holds`,
      messages,
      "Send them in parts.",
    );
  }
  for (const [index, message] of messages.entries()) checkMessage(`messages[${index}]`, message);
}

function checkMessage(name: string, message: TransportMessage): void {
  if (typeof message !== "object" || message === null) throw new InvalidArgument(name, "a message", message);
  checkText(`${name}.id`, message.id);
  checkText(`${name}.type`, message.type);
  checkText(`${name}.contentType`, message.contentType);
  if (!Number.isSafeInteger(message.schemaVersion) || message.schemaVersion < 1) {
    throw new InvalidArgument(`${name}.schemaVersion`, "an integer from 1", message.schemaVersion);
  }
  if (typeof message.data !== "string" && !(message.data instanceof Uint8Array)) {
    throw new InvalidArgument(`${name}.data`, "text or bytes", message.data);
  }
  if (typeof message.metadata !== "string") throw new InvalidArgument(`${name}.metadata`, "JSON text", message.metadata);
}

function checkText(name: string, value: string): void {
  if (typeof value !== "string" || value.trim() === "") throw new InvalidArgument(name, "text that is not blank", value);
}
