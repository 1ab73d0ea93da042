import { MessageBuilder, metadataOf, type MessageBase } from "@reactive-domain/messaging";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AmountDeposited, BalanceOf, CloseAccount } from "./banking.ts";

const anyMessage: fc.Arbitrary<() => MessageBase> = fc.constantFrom(
  () => new AmountDeposited({ accountId: "a-1", amount: 5 }),
  () => new CloseAccount({ accountId: "a-1" }),
  () => new BalanceOf({ accountId: "a-1" }),
);

/** A message, then those that each led to the next. */
function chainOf(makers: readonly (() => MessageBase)[], actor: string | undefined): readonly MessageBase[] {
  const chain: MessageBase[] = [];
  for (const make of makers) {
    const parent = chain.at(-1);
    chain.push(
      parent === undefined
        ? MessageBuilder.create(make(), actor === undefined ? {} : { actor })
        : MessageBuilder.from(parent).create(make()),
    );
  }
  return chain;
}

describe("a chain of messages", () => {
  it("B3: shares one correlation id and one actor, and each message points at the one before it, whoever looks at it first", () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { minLength: 1, maxLength: 40 }),
        fc.option(fc.string(), { nil: undefined }),
        fc.boolean(),
        (makers, actor, backwards) => {
          const chain = chainOf(makers, actor);
          if (backwards) for (const message of chain.toReversed()) metadataOf(message);
          const known = chain.map((message) => metadataOf(message));
          const ids = known.map(({ id }) => id);
          expect(new Set(ids).size).toBe(chain.length);
          expect(new Set(known.map(({ correlationId }) => correlationId))).toEqual(new Set([ids[0]]));
          expect(known.map(({ causationId }) => causationId)).toEqual([undefined, ...ids.slice(0, -1)]);
          expect(new Set(known.map((metadata) => metadata.actor))).toEqual(new Set([actor]));
        },
      ),
    );
  });
});
