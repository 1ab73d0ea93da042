import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import type { Refusal } from "../wire/refusal.ts";
import type { Principal } from "./principal.ts";

/** What is done to a stream, as its access control list names it. `metadataRead` and `metadataWrite` of a stream are told by the name of the stream itself, not that with `$$`. */
export type StreamRight = "read" | "write" | "delete" | "metadataRead" | "metadataWrite";

/** What is no matter of one stream. */
export type Operation =
  | "manageSubscriptions"
  | "readSubscriptionStatistics"
  | "manageProjections"
  | "readProjections"
  | "manageUsers"
  | "readNode";

/** Says who may do what. It answers at once where it can: appends and reads wait for it. It may be asked again for a call that lasts: what counts is how the user is by then. */
export interface Access {
  /** Errors: access denied. `stream` is `$all` for the whole log. */
  toStream(principal: Principal, right: StreamRight, stream: string): MaybePromise<void>;
  /** Errors: unauthenticated, for a user that is no more. */
  allows(principal: Principal, right: StreamRight, stream: string): MaybePromise<boolean>;
  /** Errors: access denied. */
  toOperation(principal: Principal, operation: Operation): MaybePromise<void>;
  /** Calls `end` when a right that somebody has is taken away. Returns how to leave. */
  watch(principal: Principal, right: StreamRight, stream: string, end: (refusal: Refusal) => void): () => void;
  /** To be told when this server has changed what is said about a stream, so that it counts at once. */
  changed(stream: string): void;
}

/** Everybody may do everything. */
export const openAccess: Access = {
  toStream: () => undefined,
  allows: () => true,
  toOperation: () => undefined,
  watch: () => () => undefined,
  changed: () => undefined,
};
