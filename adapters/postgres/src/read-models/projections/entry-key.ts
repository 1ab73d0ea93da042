import type { EntryRef } from "@reactive-domain/persistence";

/** The key of an entry as PostgreSQL keeps any text: what it has no room for is escaped as in JSON. */
export function keptKey(key: string): string {
  return JSON.stringify(key).slice(1, -1);
}

export function keyOfKept(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}

/** What an entry is told apart by within its generation. */
export function entryId({ position, key }: EntryRef): string {
  return `${position} ${key}`;
}
