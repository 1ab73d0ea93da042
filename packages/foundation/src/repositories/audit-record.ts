import { definitionOf, metadataOf, type EventBase } from "@reactive-domain/messaging";

/** Who did what to what, and when: what an auditor asks of an event. */
export interface AuditRecord {
  readonly eventId: string;
  /** The event's type. */
  readonly event: string;
  /** What it happened to; `undefined` for an event that no repository wrote. */
  readonly aggregate: { readonly type: string; readonly id: string } | undefined;
  /** When it was raised, by the clock of the process that raised it. */
  readonly time: Date;
  /** Who acted, where the command or the save said so. */
  readonly userId: string | undefined;
  readonly tenant: string | undefined;
  /** Shared by all events that were written together. */
  readonly commitId: string | undefined;
  readonly correlationId: string;
  /** The id of the message that led to it. */
  readonly causationId: string | undefined;
}

/** The audit record of an event that was read from a store. One that was not saved yet has no aggregate and no commit. */
export function auditRecordOf(event: EventBase): AuditRecord {
  const { id, aggregate, timeMs, actor, tenant, commitId, correlationId, causationId } = metadataOf(event);
  const { type } = definitionOf(event);
  return { eventId: id, event: type, aggregate, time: new Date(timeMs), userId: actor, tenant, commitId, correlationId, causationId };
}
