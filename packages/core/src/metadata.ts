import type { JsonValue } from "./json.ts";

/**
 * What is known about a message beside its payload. JSON-safe; it travels with the message through buses, stores and transports.
 */
export interface MessageMetadata {
  /** The message's own id: a UUID unless the application gave another text. */
  readonly id: string;
  /** Shared by all messages that one first message led to; the first one's is its own id. */
  readonly correlationId: string;
  /** The id of the message that led to this one directly; absent on the first of a chain. */
  readonly causationId?: string;
  /** When the message was made, in milliseconds since 1970-01-01T00:00Z, by the maker's clock. */
  readonly timeMs: number;
  /** Who acts: a user's or a service's id. */
  readonly actor?: string;
  /** For whom: the tenant whose data this is. */
  readonly tenant?: string;
  /** W3C Trace Context, section 3.2. Carried as it came, perhaps from a stranger: who continues the trace passes over what does not fit the grammar. */
  readonly traceparent?: string;
  /** W3C Trace Context, section 3.3. */
  readonly tracestate?: string;
  /** Of a stored event: shared by all events that were written together. */
  readonly commitId?: string;
  /** Of a stored event: what it happened to, by the stored name of its kind, and its id. */
  readonly aggregate?: { readonly type: string; readonly id: string };
  /** What the application adds, by its own keys. */
  readonly custom?: Readonly<Record<string, JsonValue>>;
}
