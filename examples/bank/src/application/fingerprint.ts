import { createHash } from "node:crypto";
import { classOf } from "@reactive-domain/foundation";
import type { BankCommand } from "../domain/messages.ts";

/** A digest of a command's type and payload, whatever the order of its fields: two commands of one id are the same if it is. */
export function fingerprintOf(command: BankCommand): string {
  const fields = Object.entries(command).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([classOf(command).type, fields]))
    .digest("base64url");
}
