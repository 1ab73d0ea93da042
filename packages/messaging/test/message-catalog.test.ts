import { createMessageCatalog, Event, EventBase, type MessageClass } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, AmountWithdrawn, CloseAccount, GiftReceived } from "./banking.ts";
import { refusalOf } from "./refusal.ts";

class BequestReceived extends Event("BequestReceived", { extends: GiftReceived })<{ probateId: string }> {}

const listed: readonly MessageClass[] = [BequestReceived, CloseAccount, GiftReceived, AmountWithdrawn, AmountDeposited];
const catalog = createMessageCatalog(listed, { context: "banking" });

describe("a catalog of messages", () => {
  it("B7: tells the descendants of a class, itself first", () => {
    expect(catalog.descendantsOf(AmountDeposited)).toEqual([AmountDeposited, GiftReceived, BequestReceived]);
    expect(catalog.descendantsOf(GiftReceived)).toEqual([GiftReceived, BequestReceived]);
    expect(catalog.descendantsOf(AmountWithdrawn)).toEqual([AmountWithdrawn]);
    expect(catalog.descendantsOf(EventBase)).toEqual([AmountWithdrawn, AmountDeposited, GiftReceived, BequestReceived]);
  });

  it("B7: tells the ancestors of a class, itself first", () => {
    expect(catalog.ancestorsOf(BequestReceived)).toEqual([BequestReceived, GiftReceived, AmountDeposited]);
    expect(catalog.ancestorsOf(AmountDeposited)).toEqual([AmountDeposited]);
  });

  it("B7: finds a class by its short and by its full name, and tells the full one", () => {
    expect(catalog.byName("GiftReceived")).toBe(GiftReceived);
    expect(catalog.byName("banking.GiftReceived")).toBe(GiftReceived);
    expect(catalog.fullNameOf(GiftReceived)).toBe("banking.GiftReceived");
    expect(["giftreceived", "lending.GiftReceived", "toString", ""].map((name) => catalog.byName(name))).toEqual(Array(4).fill(undefined));
  });

  it("B7: has the type names as full names where it belongs to no context", () => {
    const bare = createMessageCatalog([GiftReceived]);
    expect(bare.fullNameOf(GiftReceived)).toBe("GiftReceived");
    expect(bare.byName("GiftReceived")).toBe(GiftReceived);
  });

  it("knows only what it lists: descent goes through classes that it does not", () => {
    const outer = createMessageCatalog([AmountDeposited, BequestReceived]);
    expect(outer.descendantsOf(AmountDeposited)).toEqual([AmountDeposited, BequestReceived]);
    expect(outer.descendantsOf(GiftReceived)).toEqual([BequestReceived]);
    expect(outer.ancestorsOf(BequestReceived)).toEqual([BequestReceived, AmountDeposited]);
    expect(outer.byName("GiftReceived")).toBeUndefined();
    expect(refusalOf(() => outer.fullNameOf(GiftReceived))).toMatchObject({ code: "invalid-argument" });
    expect(createMessageCatalog([]).messages).toEqual([]);
  });

  it("refuses a name that two have, and a class that comes twice", () => {
    class Other extends Event("GiftReceived")<{ from: string }> {}
    class Dotted extends Event("banking.GiftReceived")<{ from: string }> {}
    class Plain extends GiftReceived {}
    for (const [one, other] of [Other, Dotted, Plain, GiftReceived].flatMap(
      (stray) =>
        [
          [GiftReceived, stray],
          [stray, GiftReceived],
        ] as const,
    ))
      expect(refusalOf(() => createMessageCatalog([one, other], { context: "banking" }))).toMatchObject({
        code: "invalid-argument",
      });
    expect(createMessageCatalog([GiftReceived, Dotted]).byName("banking.GiftReceived")).toBe(Dotted);
  });

  it.each([[undefined], [null], ["GiftReceived"], [[null]], [[5]], [[{ type: "GiftReceived" }]], [[EventBase]]])(
    "is not made of %j",
    (messages) => {
      expect(refusalOf(() => createMessageCatalog(messages as never))).toMatchObject({ code: "invalid-argument" });
    },
  );

  it.each([[null], ["banking"], [{ context: 5 }], [{ context: " " }]])("is not made with %j for its options", (options) => {
    expect(refusalOf(() => createMessageCatalog([GiftReceived], options as never))).toMatchObject({ code: "invalid-argument" });
  });
});
