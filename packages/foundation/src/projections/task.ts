import type { EventBase } from "@reactive-domain/messaging";
import type { Position } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import type { EventContext } from "../listeners/event-context.ts";
import type { TablePlace } from "./table-place.ts";

interface AnyTask {
  /** Tasks that share it are done in the order of the log. */
  readonly key: string;
  readonly event: EventBase;
  readonly context: EventContext;
}

/** One item that an event changes. */
export interface DocumentTask extends AnyTask {
  readonly kind: "documents";
  /** Of the item, as its repository takes it. */
  readonly itemKey: unknown;
  fold(item: object | undefined): object | undefined;
}

/** What is done with an event in tables. */
export interface TableTask<C> extends AnyTask {
  readonly kind: "tables";
  readonly run: (place: TablePlace<C>) => unknown;
}

export type Task<C> = DocumentTask | TableTask<C>;

/** An event of the log, and what is to be done with it. */
export interface PreparedEvent<C> {
  readonly recorded: RecordedEvent;
  readonly position: Position;
  /** Nothing for an event that has no handler, or none here. */
  readonly tasks: readonly Task<C>[];
  /** Why it could not be read; it has no tasks then. */
  readonly unreadable: { readonly error: unknown } | undefined;
}

/** The key of an event that could not be read: what it would have changed is not known. */
export function keyOfUnreadable({ recorded }: PreparedEvent<never>): string {
  return recorded.stream;
}
