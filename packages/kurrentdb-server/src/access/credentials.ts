import { isUtf8 } from "node:buffer";
import type { Refusal } from "../wire/refusal.ts";
import { unauthenticated } from "./unauthenticated.ts";

/** What who calls has said. */
export interface Credentials {
  readonly login: string;
  readonly password: string;
}

const MAX_CHARACTERS = 4_096;
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** What the header `authorization` says (RFC 7617). Errors: unauthenticated, which never repeats what was sent. */
export function credentialsOf(authorization: string): Credentials {
  if (authorization.length > MAX_CHARACTERS) throw malformed(`is longer than ${MAX_CHARACTERS} characters`);
  const [, encoded] = BASIC.exec(authorization) ?? [];
  if (encoded === undefined) throw malformed("is not Basic with a name and a password in base64");
  const bytes = Buffer.from(encoded, "base64");
  if (!isUtf8(bytes)) throw malformed("is not UTF-8");
  const text = bytes.toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) throw malformed("has no name of a user before a colon");
  return { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

function malformed(what: string): Refusal {
  return unauthenticated(`The header authorization ${what}. Give the client a user name and a password.`);
}
