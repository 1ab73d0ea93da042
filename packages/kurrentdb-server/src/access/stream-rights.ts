import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import { describedStream } from "../metadata/described-stream.ts";
import type { Access, StreamRight } from "./access.ts";
import type { Principal } from "./principal.ts";

/** Errors: access denied. A stream that tells of another one is a matter of that. */
export function toRead(access: Access, principal: Principal, stream: string): MaybePromise<void> {
  const { right, of } = rightToRead(stream);
  return access.toStream(principal, right, of);
}

/** Errors: access denied. A stream that tells of another one is a matter of that. */
export function toWrite(access: Access, principal: Principal, stream: string): MaybePromise<void> {
  const described = describedStream(stream);
  return described === undefined ? access.toStream(principal, "write", stream) : access.toStream(principal, "metadataWrite", described);
}

/** What is needed to read a stream by the name that clients give it. */
export function rightToRead(stream: string): { readonly right: StreamRight; readonly of: string } {
  const described = describedStream(stream);
  return described === undefined ? { right: "read", of: stream } : { right: "metadataRead", of: described };
}
