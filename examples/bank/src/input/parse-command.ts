import { describe, MessageBuilder } from "@reactive-domain/foundation";
import {
  CloseAccount,
  ClosePot,
  Deposit,
  OpenAccount,
  OpenPot,
  SetAside,
  TakeBack,
  Withdraw,
  type BankCommand,
} from "../domain/messages.ts";
import { BadLine } from "./bad-line.ts";
import type { Line } from "./lines.ts";

const COMMANDS = { OpenAccount, Deposit, Withdraw, CloseAccount, OpenPot, SetAside, TakeBack, ClosePot };
const KEYS = ["id", "type", "payload"];
const ID = /^[\x21-\x7e]{1,100}$/;

/**
 * The command on a line: `{"id":"…","type":"Deposit","payload":{…}}`. Its payload is not held against its schema yet: the bus does that.
 *
 * Throws {@link BadLine}.
 */
export function parseCommand({ text, fault }: Line): BankCommand {
  if (text === undefined) throw new BadLine(fault ?? "the line cannot be read");
  const { id, type, payload } = envelope(text);
  if (typeof id !== "string" || !ID.test(id))
    throw new BadLine(`the id must be 1 to 100 printable ASCII characters without spaces, but is ${describe(id)}`);
  if (typeof type !== "string" || !Object.hasOwn(COMMANDS, type)) {
    throw new BadLine(`unknown command ${describe(type)}; the bank knows ${Object.keys(COMMANDS).join(", ")}`);
  }
  return MessageBuilder.create(construct(COMMANDS[type as keyof typeof COMMANDS], payload), { id, correlationId: id });
}

function envelope(text: string): { readonly id?: unknown; readonly type?: unknown; readonly payload?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadLine(`not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BadLine(`must be a JSON object, but is ${describe(value)}`);
  const stray = Object.keys(value).find((key) => !KEYS.includes(key));
  if (stray !== undefined) throw new BadLine(`unknown field ${describe(stray)}; a line has ${KEYS.join(", ")}`);
  return value;
}

function construct(commandClass: (typeof COMMANDS)[keyof typeof COMMANDS], payload: unknown): BankCommand {
  try {
    return new commandClass(payload as never);
  } catch (error) {
    throw new BadLine((error as Error).message);
  }
}
