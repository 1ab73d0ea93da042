import { InvalidArgument, type Position } from "@reactive-domain/core";
import { hash } from "node:crypto";
import { InvalidToken } from "./errors.ts";

/** Stands for the name of a log, which may be any text: always as long, and safe everywhere. */
export type LogMark = string;

/** Of some logs, everything up to a position in each. */
export type Coverage = ReadonlyMap<LogMark, Position>;

/** Before all parts, with the number of the form. */
const HEAD = "rd1";
const MARK_CHARACTERS = 16;
const PART = /^(?<mark>[A-Za-z0-9_-]{16})\.(?<position>0|[1-9][0-9]{0,15})$/;
/** So that a token fits into a cookie: 2,179 characters at most. */
const MAX_LOGS = 64;
const MAX_CHARACTERS = HEAD.length + MAX_LOGS * (MARK_CHARACTERS + 18);

export function markOf(log: string): LogMark {
  return hash("sha256", log, "base64url").slice(0, MARK_CHARACTERS);
}

/** The one text of a coverage. Errors: `invalid-argument` for too many logs. */
export function formatToken(coverage: Coverage): string {
  if (coverage.size > MAX_LOGS) throw new InvalidArgument("tokens", `of ${MAX_LOGS} logs at most`, coverage.size);
  const parts = Array.from(coverage, ([mark, position]) => `~${mark}.${position}`).toSorted();
  return [HEAD, ...parts].join("");
}

/** What a text covers that may come from outside. Errors: `invalid-token`. */
export function parseToken(token: unknown): Coverage {
  if (typeof token !== "string") throw new InvalidToken(token, "it is no text");
  if (token.length > MAX_CHARACTERS) throw new InvalidToken(token, `it is longer than ${MAX_CHARACTERS} characters`);
  const [head, ...parts] = token.split("~");
  if (head !== HEAD) throw new InvalidToken(token, `it does not begin with ${HEAD}`);
  if (parts.length > MAX_LOGS) throw new InvalidToken(token, `it names more than ${MAX_LOGS} logs`);
  const coverage = new Map(parts.map((part) => parsePart(token, part)));
  if (formatToken(coverage) !== token) throw new InvalidToken(token, "its parts are not in order, or one is there twice");
  return coverage;
}

/**
 * A token that covers what each of some tokens covers: for who has written here and there, or more than once. The order does not matter, nor how often one is given;
 * `undefined` covers nothing, so that there need not be a token before.
 *
 * Errors: `invalid-token`; `invalid-argument` for more than 64 logs.
 *
 * @example
 * session.token = mergeTokens(session.token, await bank.tokenOf(result));
 */
export function mergeTokens(...tokens: readonly (string | undefined)[]): string {
  const merged = new Map<LogMark, Position>();
  for (const token of tokens) {
    if (token === undefined) continue;
    for (const [mark, position] of parseToken(token)) merged.set(mark, Math.max(position, merged.get(mark) ?? 0) as Position);
  }
  return formatToken(merged);
}

function parsePart(token: string, part: string): readonly [LogMark, Position] {
  const { mark, position } = PART.exec(part)?.groups ?? {};
  const place = Number(position);
  if (mark === undefined || !Number.isSafeInteger(place)) throw new InvalidToken(token, "a part of it names no log with a position");
  return [mark, place as Position];
}
