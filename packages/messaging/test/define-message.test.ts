import { Command, definitionOf, Event, Query } from "@reactive-domain/messaging";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { AmountDeposited, BalanceOf, CloseAccount, GiftReceived } from "./banking.ts";
import { refusalOf } from "./refusal.ts";

const fromName = (old: { name: string }): object => ({ owner: old.name });
const same = (old: object): object => old;

describe("the declaration of a message", () => {
  it("has version 1, and neither schema, upcasters, subject nor sensitive fields, unless it says so", () => {
    expect(AmountDeposited.definition).toEqual({
      kind: "event",
      type: "AmountDeposited",
      version: 1,
      upcasters: {},
      schemas: [],
      subject: undefined,
      sensitive: [],
    });
  });

  it("keeps what was said, and runs none of it", () => {
    const schema = v.object({ accountId: v.string(), owner: v.string() });
    class AccountOpened extends Event("AccountOpened", {
      schema,
      version: 2,
      upcasters: { 1: fromName },
      subject: "owner",
      sensitive: ["owner"],
    }) {}
    expect(AccountOpened.definition).toEqual({
      kind: "event",
      type: "AccountOpened",
      version: 2,
      upcasters: { 1: fromName },
      schemas: [schema],
      subject: "owner",
      sensitive: ["owner"],
    });
  });

  it("tells the kind of message", () => {
    expect([AmountDeposited, CloseAccount, BalanceOf].map((declared) => definitionOf(declared).kind)).toEqual([
      "event",
      "command",
      "query",
    ]);
  });

  it("is found of a message as of its class", () => {
    const deposited = new AmountDeposited({ accountId: "a-1", amount: 5 });
    expect(definitionOf(deposited)).toBe(AmountDeposited.definition);
    expect(definitionOf(AmountDeposited)).toBe(AmountDeposited.definition);
  });

  it("is a derived message's own: name and version are not its base's", () => {
    class Bonus extends Event("Bonus", { extends: AmountDeposited, version: 3 })<{ reason: string }> {}
    expect(Bonus.definition).toMatchObject({ type: "Bonus", version: 3 });
    expect(GiftReceived.definition).toMatchObject({ type: "GiftReceived", version: 1 });
    expect(AmountDeposited.definition).toMatchObject({ type: "AmountDeposited", version: 1 });
  });

  it("may be made without a schema and a base, with nothing but options", () => {
    class Frozen extends Event("Frozen", { version: 2, upcasters: { 1: fromName } })<{ owner: string }> {}
    class Freeze extends Command("Freeze", { subject: "owner" })<{ owner: string }> {}
    class FreezesOf extends Query("FreezesOf", { sensitive: ["owner"] })<{ owner: string }, number> {}
    expect([Frozen.definition.version, Freeze.definition.subject, FreezesOf.definition.sensitive]).toEqual([2, "owner", ["owner"]]);
  });

  it("may begin its upcasters at a later version than the first, when older payloads are gone", () => {
    expect(Event("Opened", { version: 4, upcasters: { 2: same, 3: same } }).definition.version).toBe(4);
  });
});

describe("a declaration is refused", () => {
  it.each([
    ["event", (type: string): unknown => Event(type)],
    ["command", (type: string): unknown => Command(type)],
    ["query", (type: string): unknown => Query(type)],
  ])("with a blank type, of the kind %s", (kind, declare) => {
    for (const blank of ["", " ", "\t\n"]) {
      expect(refusalOf(() => declare(blank))).toMatchObject({
        code: "invalid-argument",
        message: expect.stringContaining(`The type of the ${kind} must be a name that is not blank`),
      });
    }
  });

  it("with a type that starts with $, as those of the store do", () => {
    expect(refusalOf(() => Event("$metadata"))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(/does not start with \$, but is "\$metadata"/),
    });
  });

  it("without a type", () => {
    const missing: unknown = undefined;
    expect(refusalOf(() => Event(missing as string))).toMatchObject({ code: "invalid-argument" });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("with version %s", (version) => {
    expect(refusalOf(() => Event("Opened", { version }))).toMatchObject({
      code: "invalid-argument",
      message: `The version of Opened must be an integer from 1, but is ${version}.`,
    });
  });

  it("with a gap between its upcasters", () => {
    expect(refusalOf(() => Event("Opened", { version: 4, upcasters: { 1: same, 3: same } }))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("Add one for version 2."),
    });
  });

  it("with upcasters that end before the newest version", () => {
    expect(refusalOf(() => Event("Opened", { version: 3, upcasters: { 1: same } }))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("Add one for version 2."),
    });
  });

  it("with an upcaster that starts from the newest version", () => {
    expect(refusalOf(() => Event("Opened", { version: 2, upcasters: { 1: same, 2: same } }))).toMatchObject({
      code: "invalid-argument",
      message: "An upcaster of Opened must be keyed by a version from 1 to 1, but is 2. Its key is the version it starts from.",
    });
  });

  it.each([0, -1, 1.5])("with an upcaster of version %s", (old) => {
    expect(refusalOf(() => Event("Opened", { version: 2, upcasters: { [old]: same } }))).toMatchObject({ code: "invalid-argument" });
  });

  it("with an upcaster where there is only one version", () => {
    expect(refusalOf(() => Event("Opened", { upcasters: { 1: same } }))).toMatchObject({ code: "invalid-argument" });
  });

  it.each<readonly [string, unknown, string]>([
    ["options that are null", null, "The options of Opened"],
    ["options that are text", "sensitive", "The options of Opened"],
    ["a base that is no message class", { extends: Date }, "The extends of Opened"],
    ["a base of another kind", { extends: CloseAccount }, "The extends of Opened"],
    ["a base that is null", { extends: null }, "The extends of Opened"],
    ["an upcaster that is no function", { version: 2, upcasters: { 1: "x" } }, "An upcaster of Opened"],
    ["upcasters that are none", { version: 2, upcasters: null }, "The upcasters of Opened"],
    ["a schema that is none", { schema: {} }, "The schema of Opened"],
    ["a schema that is null", { schema: null }, "The schema of Opened"],
    ["a subject that is no name", { subject: 5 }, "The subject of Opened"],
    ["a subject that is blank", { subject: "" }, "The subject of Opened"],
    ["sensitive fields that are one text", { sensitive: "card" }, "The sensitive fields of Opened"],
    ["a sensitive field that is no name", { sensitive: ["card", 5] }, "The sensitive fields of Opened"],
    ["a sensitive field that is blank", { sensitive: [" "] }, "The sensitive fields of Opened"],
    ["sensitive fields that are null", { sensitive: null }, "The sensitive fields of Opened"],
  ])("with %s", (_, options, argument) => {
    expect(refusalOf(() => Event("Opened", options as object))).toMatchObject({ code: "invalid-argument", details: { argument } });
  });

  it("with a base of another kind, which it names", () => {
    const untyped: unknown = CloseAccount;
    expect(refusalOf(() => Event("Closed", { extends: untyped as typeof AmountDeposited }))).toMatchObject({
      message: 'The extends of Closed must be a class of the kind event, but is "command".',
    });
  });
});
