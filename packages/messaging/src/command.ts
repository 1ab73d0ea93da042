import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineMessage, type AnyMessageOptions } from "./define-message.ts";
import type { MessageOptions } from "./message-definition.ts";
import type {
  BaseWithoutSchema,
  DerivedCommandClass,
  CommandClass,
  FieldPathOf,
  PayloadOf,
  PlainSchema,
  SchemaCommandClass,
} from "./message-types.ts";
import { CommandBase } from "./message.ts";

/**
 * Declares a command class: `class Close extends Command("Close")<{ accountId: string }> {}`. A second type argument tells what its handler answers.
 * `type` is the name by which it is routed and recorded.
 *
 * Errors: `invalid-argument` for a blank type or options that contradict each other.
 */
export function Command<const N extends string>(type: N): CommandClass<N>;
export function Command<const N extends string, C extends abstract new (payload: never) => CommandBase>(
  type: N,
  options: MessageOptions & { readonly extends: C },
): DerivedCommandClass<N, InstanceType<C>, PayloadOf<C>>;
export function Command<const N extends string>(
  type: N,
  options: MessageOptions & { readonly schema?: never; readonly extends?: never },
): CommandClass<N>;
export function Command<const N extends string, S extends StandardSchemaV1>(
  type: N,
  options: MessageOptions & {
    readonly schema: S & PlainSchema<S>;
    readonly extends?: BaseWithoutSchema;
    readonly sensitive?: readonly FieldPathOf<S>[];
  },
): SchemaCommandClass<N, S>;
export function Command(type: string, options: AnyMessageOptions = {}): unknown {
  const definition = defineMessage("command", type, options);
  const base = (options.extends ?? CommandBase) as typeof CommandBase;
  return class extends base {
    static override readonly type = type;
    static override readonly definition = definition;
  };
}
