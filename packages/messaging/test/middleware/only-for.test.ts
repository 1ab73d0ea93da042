import {
  createCommandBus,
  createEventBus,
  EventBase,
  onlyFor,
  retryOnConflict,
  type MessageClass,
  type Middleware,
} from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, AmountWithdrawn, CloseAccount, Deposit, ForceClose, GiftReceived } from "../banking.ts";
import { refusalOf } from "../refusal.ts";

describe("onlyFor", () => {
  const seenWith = async (wrap: (step: Middleware) => Middleware): Promise<readonly string[]> => {
    const seen: string[] = [];
    const handled: string[] = [];
    const step: Middleware = (_message, { handler }, next) => {
      seen.push(handler.type);
      return next();
    };
    const commands = createCommandBus({ middleware: [wrap(step)] });
    for (const type of [CloseAccount, ForceClose]) commands.handle(type, () => void handled.push(type.type));
    commands.handle(Deposit, () => void handled.push("Deposit"));
    await commands.send(new CloseAccount({ accountId: "a" }));
    await commands.send(new ForceClose({ accountId: "a", orderedBy: "ben" }));
    await commands.send(new Deposit({ accountId: "a", amount: 1 }));
    expect(handled).toEqual(["CloseAccount", "ForceClose", "Deposit"]);
    return seen;
  };

  it("runs a step for messages of a class, and of those that derive from it unless told otherwise", async () => {
    expect(await seenWith((step) => onlyFor(CloseAccount, step))).toEqual(["CloseAccount", "ForceClose"]);
    expect(await seenWith((step) => onlyFor(CloseAccount, step, { includeDerived: false }))).toEqual(["CloseAccount"]);
    expect(await seenWith((step) => onlyFor(ForceClose, step))).toEqual(["ForceClose"]);
    expect(await seenWith((step) => onlyFor([ForceClose, Deposit], step, { includeDerived: false }))).toEqual(["ForceClose", "Deposit"]);
  });

  it("goes by the message, not by what its handler is registered for", async () => {
    const seen: string[] = [];
    const events = createEventBus({
      middleware: [
        onlyFor(GiftReceived, ({ from }, _context, next) => {
          seen.push(from);
          return next();
        }),
      ],
    });
    events.subscribe(EventBase, () => undefined);
    await events.publish(new AmountDeposited({ accountId: "a", amount: 1 }));
    await events.publish(new GiftReceived({ accountId: "a", amount: 1, from: "ben" }));
    expect(seen).toEqual(["ben"]);
  });

  it("shows which step is meant for what", () => {
    const step: Middleware = (_, __, next) => next();
    const { middleware } = createEventBus({
      middleware: [
        onlyFor(Deposit, retryOnConflict()),
        onlyFor([AmountDeposited, AmountWithdrawn], step),
        onlyFor(EventBase, step),
        onlyFor(Deposit, (_, __, next) => next()),
      ],
    }).describe();
    expect(middleware).toEqual([
      "onlyFor(Deposit: retryOnConflict)",
      "onlyFor(AmountDeposited, AmountWithdrawn: step)",
      "onlyFor(*: step)",
      "onlyFor(Deposit: a step without a name)",
    ]);
  });

  it("refuses what is no message class, and what is no step", () => {
    const step: Middleware = (_, __, next) => next();
    for (const stray of [[], undefined, Date, [Deposit, Date], "Deposit", [undefined]])
      expect(refusalOf(() => onlyFor(stray as unknown as MessageClass<EventBase>, step))).toMatchObject({
        code: "invalid-argument",
        details: { argument: "classes of onlyFor" },
      });
    for (const [argument, options] of [
      ["options of onlyFor", null],
      ["includeDerived of onlyFor", { includeDerived: "no" }],
    ])
      expect(refusalOf(() => onlyFor(Deposit, step, options as object))).toMatchObject({ code: "invalid-argument", details: { argument } });
    for (const stray of [undefined, retryOnConflict, onlyFor])
      expect(refusalOf(() => onlyFor(Deposit, stray as unknown as Middleware))).toMatchObject({
        code: "invalid-argument",
        details: { argument: "step of onlyFor" },
      });
  });
});
