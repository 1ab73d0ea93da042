import { connect, createAggregateCache, type AsOf } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, banking, openBank } from "../banking.ts";
import { loans } from "../lending.ts";

const time = new Date(0);
const either = "asOf must be either { version } or { time }, but is";
const whole = "asOf.version must be an integer from 0 to 2^53 - 1, but is";
const cases: readonly (readonly [string, unknown, string])[] = [
  ["null", null, `${either} null.`],
  ["a number", 3, `${either} 3.`],
  ["a time that stands for itself", time, `${either} an instance of Date.`],
  ["nothing in particular", {}, `${either} an object.`],
  ["a position", { position: 0 }, `${either} an object.`],
  ["a version and a time", { version: 0, time }, `${either} "version, time".`],
  ["a negative version", { version: -1 }, `${whole} -1.`],
  ["half a version", { version: 0.5 }, `${whole} 0.5.`],
  ["a version as text", { version: "0" }, `${whole} "0".`],
  ["a time as text", { time: "2026-01-01" }, 'asOf.time must be a valid Date, but is "2026-01-01".'],
  ["a date that is none", { time: new Date(Number.NaN) }, "asOf.time must be a valid Date, but is an instance of Date."],
];

describe.each(cases)("H2: as of %s", (_, wrong, message) => {
  const asOf = wrong as AsOf;
  const refused = { code: "invalid-argument", message };

  it("no aggregate is loaded", async () => {
    const { accounts, bank, store } = openBank();
    await accounts.save(accountWith("a-1", 1));
    const cached = connect(banking, store).repository(Account, { cache: createAggregateCache() });
    await cached.getById("a-1");
    for (const repository of [accounts, cached, bank.repository(Account)]) {
      await expect(repository.getById("a-1", { asOf })).rejects.toMatchObject(refused);
      await expect(repository.tryGetById("a-9", { asOf })).rejects.toMatchObject(refused);
    }
  });

  it("no decider has a state", async () => {
    const lending = openBank().bank.deciderRepository(loans);
    await expect(lending.stateOf("l-1", { asOf })).rejects.toMatchObject(refused);
  });
});
