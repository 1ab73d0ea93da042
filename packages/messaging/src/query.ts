import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineMessage, type AnyMessageOptions } from "./define-message.ts";
import type { MessageOptions } from "./message-definition.ts";
import type {
  BaseWithoutSchema,
  DerivedQueryClass,
  QueryClass,
  FieldPathOf,
  PayloadOf,
  PlainSchema,
  SchemaQueryClass,
} from "./message-types.ts";
import { QueryBase } from "./message.ts";

/**
 * Declares a query class with its answer: `class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}`.
 *
 * Errors: `invalid-argument` for a blank type or options that contradict each other.
 */
export function Query<const N extends string>(type: N): QueryClass<N>;
export function Query<const N extends string, C extends abstract new (payload: never) => QueryBase>(
  type: N,
  options: MessageOptions & { readonly extends: C },
): DerivedQueryClass<N, InstanceType<C>, PayloadOf<C>>;
export function Query<const N extends string>(
  type: N,
  options: MessageOptions & { readonly schema?: never; readonly extends?: never },
): QueryClass<N>;
export function Query<const N extends string, S extends StandardSchemaV1>(
  type: N,
  options: MessageOptions & {
    readonly schema: S & PlainSchema<S>;
    readonly extends?: BaseWithoutSchema;
    readonly sensitive?: readonly FieldPathOf<S>[];
  },
): SchemaQueryClass<N, S>;
export function Query(type: string, options: AnyMessageOptions = {}): unknown {
  const definition = defineMessage("query", type, options);
  const base = (options.extends ?? QueryBase) as typeof QueryBase;
  return class extends base {
    static override readonly type = type;
    static override readonly definition = definition;
  };
}
