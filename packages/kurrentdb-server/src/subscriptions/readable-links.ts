import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import type { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import { rightToRead } from "../access/stream-rights.ts";
import type { ReadEntry } from "../wire/encode-read-event.ts";
import { Refusal } from "../wire/refusal.ts";

/** Says whether somebody may read a stream. */
export type MayRead = (stream: string) => MaybePromise<boolean>;

/** Who is no user any more may read nothing, and is ended elsewhere. */
export function mayReadOf(access: Access, principal: Principal): MayRead {
  return (stream) => {
    const { right, of } = rightToRead(stream);
    try {
      return access.allows(principal, right, of);
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  };
}

/** Whether what a link leads to may be shown; `true` where nothing is a link. */
export function isReadable({ event, link }: ReadEntry, mayRead: MayRead): MaybePromise<boolean> {
  return link === undefined || event === undefined ? true : mayRead(event.stream);
}
