import { hash } from "node:crypto";

const TIMED_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-/;

/**
 * The id of what one message causes in one place: the same for the same message, scope (a stream name, say) and ordinal, on every machine and in every
 * run. Work that is done again therefore writes under the ids it wrote under before, and a store recognises it.
 *
 * It is a UUID of version 8 (RFC 9562, section 5.8) whose bits come from SHA-256. When the message's own id begins with a time (UUID version 7, or an id
 * derived from one), that time is kept in front, so that derived ids sort, and lie in a store's index, near their cause.
 */
export function derivedId(messageId: string, scope: string, ordinal: number): string {
  const digest = hash("sha256", `${messageId.length}:${messageId}${scope.length}:${scope}${ordinal}`, "hex");
  const front = TIMED_UUID.test(messageId) ? messageId.slice(0, 13) : `${digest.slice(32, 40)}-${digest.slice(40, 44)}`;
  const variant = ((Number.parseInt(digest.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  return `${front}-8${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}
