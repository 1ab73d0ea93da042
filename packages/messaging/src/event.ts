import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineMessage, type AnyMessageOptions } from "./define-message.ts";
import type { MessageOptions } from "./message-definition.ts";
import type {
  BaseWithoutSchema,
  DerivedEventClass,
  EventClass,
  FieldPathOf,
  PayloadOf,
  PlainSchema,
  SchemaEventClass,
} from "./message-types.ts";
import { EventBase } from "./message.ts";

/**
 * Declares an event class: `class AccountOpened extends Event("AccountOpened")<{ accountId: string }> {}`, or with a schema that gives the payload its
 * type. `type` is the stored name: rename the class freely, the name never.
 * With `extends`, the event is also one of another class, with further fields.
 *
 * Errors: `invalid-argument` for a blank type or options that contradict each other.
 */
export function Event<const N extends string>(type: N): EventClass<N>;
export function Event<const N extends string, C extends abstract new (payload: never) => EventBase>(
  type: N,
  options: MessageOptions & { readonly extends: C },
): DerivedEventClass<N, InstanceType<C>, PayloadOf<C>>;
export function Event<const N extends string>(
  type: N,
  options: MessageOptions & { readonly schema?: never; readonly extends?: never },
): EventClass<N>;
export function Event<const N extends string, S extends StandardSchemaV1>(
  type: N,
  options: MessageOptions & {
    readonly schema: S & PlainSchema<S>;
    readonly extends?: BaseWithoutSchema;
    readonly sensitive?: readonly FieldPathOf<S>[];
  },
): SchemaEventClass<N, S>;
export function Event(type: string, options: AnyMessageOptions = {}): unknown {
  const definition = defineMessage("event", type, options);
  const base = (options.extends ?? EventBase) as typeof EventBase;
  return class extends base {
    static override readonly type = type;
    static override readonly definition = definition;
  };
}
