import type { StandardSchemaV1 } from "@standard-schema/spec";

/**
 * Turns the payload of one schema version into that of the next: declare the old shape as the parameter's type. A list stands for several events, or for none; an
 * instance of an event class in its place is an event of that class, in its newest shape.
 */
export type Upcaster = (oldPayload: never) => object | readonly object[];

/** What a message class says about itself. It is data: nothing here runs by itself. */
export interface MessageOptions {
  /** Version of the payload's shape, from 1 (the default). Raise it, with an upcaster, when stored events no longer fit. */
  readonly version?: number;
  /** By old version: how a payload of that version becomes one of the next. */
  readonly upcasters?: Readonly<Record<number, Upcaster>>;
  /** The field that names the person whose data the message holds. */
  readonly subject?: string;
  /** The fields that are personal or secret, or ways to them: `card.number`, also through the elements of lists. Beside a schema they begin at a field of it. */
  readonly sensitive?: readonly string[];
}

export type MessageKind = "command" | "event" | "query" | "response";

/** All that is declared of a message class, found by {@link definitionOf}. */
export interface MessageDefinition {
  readonly kind: MessageKind;
  /** The stored name, unique in its context. */
  readonly type: string;
  readonly version: number;
  readonly upcasters: Readonly<Record<number, Upcaster>>;
  /** The schemas that a message has to fit: its own, and those of the classes that it derives from. */
  readonly schemas: readonly StandardSchemaV1[];
  /** Its own, or that of the class that it derives from. */
  readonly subject: string | undefined;
  /** Its own, and those of the class that it derives from. */
  readonly sensitive: readonly string[];
}
