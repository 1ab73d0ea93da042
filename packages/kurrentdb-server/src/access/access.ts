import type { MaybePromise } from "@reactive-domain/persistence/adapter";
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

/** Says who may do what. It answers at once where it can: appends and reads wait for it. */
export interface Access {
  /** Errors: access denied. `stream` is `$all` for the whole log. */
  toStream(principal: Principal, right: StreamRight, stream: string): MaybePromise<void>;
  /** Errors: access denied. */
  toOperation(principal: Principal, operation: Operation): MaybePromise<void>;
}

/** Everybody may do everything. */
export const openAccess: Access = { toStream: () => undefined, toOperation: () => undefined };
