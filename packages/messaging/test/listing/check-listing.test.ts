import { defineListing, validate, type Listing } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../refusal.ts";
import { accountList, OpenAccounts, type Account } from "./accounts.ts";

/** What is wrong with a listing, as `path: message`. */
function faultsOf(listing: unknown): readonly string[] {
  const result = accountList["~standard"].validate(listing) as {
    readonly issues?: readonly { path: readonly PropertyKey[]; message: string }[];
  };
  return (result.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const nested = (levels: number): object => (levels === 0 ? { owner: { eq: "Ann" } } : { not: nested(levels - 1) });

describe("a listing from outside", () => {
  it.each([
    [{}],
    [{ filter: undefined, sort: undefined, page: undefined }],
    [{ filter: {}, sort: [], page: {} }],
    [{ filter: { owner: { in: Array(990).fill("Ann") } } }],
    [{ filter: nested(9) }],
    [{ filter: { owner: undefined, and: undefined, not: undefined } }],
  ])("may be %j", (listing) => expect(faultsOf(listing)).toEqual([]));

  it.each<readonly [unknown, string]>([
    [null, ": must be an object, but is null"],
    [{ filtr: { owner: { eq: "Ann" } } }, "filtr: is not known here: take one of filter, sort, page"],
    ["all", ': must be an object, but is "all"'],
    [[], ": must be an object, but is an array of 0"],
    [{ filter: null }, "filter: must be an object, but is null"],
    [{ filter: [] }, "filter: must be an object, but is an array of 0"],
    [{ filter: { name: { eq: "a" } } }, "filter.name: is no field to filter by: take one of accountId, owner, balance, isOpen, closedAt"],
    [
      { filter: { toString: { eq: "a" } } },
      "filter.toString: is no field to filter by: take one of accountId, owner, balance, isOpen, closedAt",
    ],
    [{ filter: { owner: "Ann" } }, 'filter.owner: must be an object like { eq: … }, but is "Ann"'],
    [{ filter: { owner: null } }, "filter.owner: must be an object like { eq: … }, but is null"],
    [{ filter: { owner: {} } }, "filter.owner: must have one or more of eq, ne, in, lt, lte, gt, gte, contains, startsWith"],
    [{ filter: { owner: { eq: undefined } } }, "filter.owner.eq: must be a string or null, but is undefined"],
    [
      { filter: { owner: { is: "Ann" } } },
      "filter.owner.is: is nothing to ask of a string: take one of eq, ne, in, lt, lte, gt, gte, contains, startsWith",
    ],
    [
      { filter: { balance: { contains: "1" } } },
      "filter.balance.contains: is nothing to ask of a number: take one of eq, ne, in, lt, lte, gt, gte",
    ],
    [{ filter: { isOpen: { lt: true } } }, "filter.isOpen.lt: is nothing to ask of a boolean: take one of eq, ne, in"],
    [{ filter: { isOpen: { constructor: 1 } } }, "filter.isOpen.constructor: is nothing to ask of a boolean: take one of eq, ne, in"],
    [{ filter: { balance: { gt: "1" } } }, 'filter.balance.gt: must be a number, but is "1"'],
    [{ filter: { balance: { gt: null } } }, "filter.balance.gt: must be a number, but is null"],
    [{ filter: { balance: { eq: Number.NaN } } }, "filter.balance.eq: must be a number or null, but is NaN"],
    [{ filter: { balance: { in: 1 } } }, "filter.balance.in: must be a list, but is 1"],
    [{ filter: { balance: { in: [1, "2"] } } }, 'filter.balance.in.1: must be a number or null, but is "2"'],
    [{ filter: { closedAt: { gt: new Date(0) } } }, "filter.closedAt.gt: must be a string, but is an instance of Date"],
    [{ filter: { or: {} } }, "filter.or: must be a list of filters, but is an object"],
    [{ filter: { or: [{}, { and: [1] }] } }, "filter.or.1.and.0: must be an object, but is 1"],
    [{ filter: { not: [] } }, "filter.not: must be an object, but is an array of 0"],
    [{ filter: nested(10) }, `filter${".not".repeat(10)}: must not lie more than 10 levels deep`],
    [{ filter: { owner: { in: Array(1_000).fill("Ann") } } }, "filter.owner.in: must not have more than 1000 conditions and values in all"],
    [
      { filter: { or: Array.from({ length: 5_000 }, () => ({})) } },
      "filter.or.999: must not have more than 1000 conditions and values in all",
    ],
    [
      { filter: { or: Array.from({ length: 600 }, () => ({ owner: { eq: "Ann" } })) } },
      "filter.or.499.owner.eq: must not have more than 1000 conditions and values in all",
    ],
    [{ sort: { by: "owner" } }, "sort: must be a list of at most 10, but is an object"],
    [{ sort: Array.from({ length: 11 }, () => ({ by: "owner" })) }, "sort: must be a list of at most 10, but is an array of 11"],
    [{ sort: ["owner"] }, 'sort.0: must be { by, direction }, but is "owner"'],
    [{ sort: [{ by: "name" }] }, 'sort.0.by: must be one of accountId, owner, balance, isOpen, closedAt, but is "name"'],
    [{ sort: [{ by: "__proto__" }] }, 'sort.0.by: must be one of accountId, owner, balance, isOpen, closedAt, but is "__proto__"'],
    [{ sort: [{ by: "owner" }, { by: "owner" }] }, 'sort.1.by: must not be "owner" again'],
    [{ sort: [{ by: "owner", direction: "up" }] }, 'sort.0.direction: must be asc or desc, but is "up"'],
    [{ sort: [{ by: "owner", order: "asc" }] }, "sort.0.order: is not known here: take one of by, direction"],
    [{ page: 1 }, "page: must be an object, but is 1"],
    [{ page: { size: 0 } }, "page.size: must be an integer from 1 to 1000, but is 0"],
    [{ page: { size: "10" } }, 'page.size: must be an integer from 1 to 1000, but is "10"'],
    [{ page: { size: 1.5 } }, "page.size: must be an integer from 1 to 1000, but is 1.5"],
    [{ page: { offset: -1 } }, "page.offset: must be an integer from 0, but is -1"],
    [{ page: { after: 1 } }, "page.after: must be the next of a page, but is 1"],
    [{ page: { total: "yes" } }, 'page.total: must be true or false, but is "yes"'],
    [{ page: { first: 10 } }, "page.first: is not known here: take one of size, after, offset, total"],
  ])("is told what is wrong with it: %j", (listing, fault) => expect(faultsOf(listing)).toEqual([fault]));

  const strays = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`stray-${index}`, {}]));
  it.each<readonly [string, object]>([
    ["fields to filter by", { filter: strays(200_000) }],
    ["keys of a page", { page: strays(200_000) }],
    ["keys", strays(200_000)],
    ["operators", { filter: { owner: strays(200_000) } }],
    ["keys of a sort", { sort: [strays(199_999)] }],
  ])("is told twenty of its faults and how many more there are: unknown %s", (_, listing) => {
    const faults = faultsOf(listing);
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toBe(": has 199980 more faults");
  });

  it("is told its faults in short, however long its names are", () => {
    const long = "a".repeat(10_000_000);
    for (const listing of [{ filter: { [long]: {} } }, { filter: { owner: { [long]: 1 } } }, { page: { [long]: 1 } }, { [long]: 1 }]) {
      const faults = faultsOf(listing);
      expect(faults).toHaveLength(1);
      expect(faults[0]).toContain(`${"a".repeat(57)}...: is `);
      expect(faults[0]?.length).toBeLessThan(300);
    }
  });

  it("does not begin at two places at a time", () => {
    expect(faultsOf({ page: { after: "a", offset: 1 } })).toContain("page: must have after or offset, but has both");
  });

  it("is told all that is wrong with it, at once", () => {
    const listing: unknown = { filter: { name: {}, balance: { gt: null } }, sort: [{ by: "x" }], page: { size: -1 } };
    const refusal = refusalOf(() => validate(new OpenAccounts(listing as Listing<Account>)));
    expect(refusal).toMatchObject({
      issues: [{ path: "filter.name" }, { path: "filter.balance.gt" }, { path: "sort.0.by" }, { path: "page.size" }],
    });
  });
});

describe("the definition of a listing", () => {
  const define = (options: unknown): unknown => refusalOf(() => defineListing(options as Parameters<typeof defineListing>[0]));
  const fields = { id: "string" };

  it.each([
    [undefined],
    [null],
    ["id"],
    [{ fields }],
    [{ key: [undefined], fields }],
    [{ key: "id" }],
    [{ key: "id", fields: null }],
    [{ key: "id", fields: "id" }],
    [{ key: "name", fields }],
    [{ key: [], fields }],
    [{ key: ["id", "name"], fields }],
    [{ key: "toString", fields }],
    [{ key: "id", fields: { id: "date" } }],
    [{ key: "id", fields: { id: "string", or: "string" } }],
    [{ key: "id", fields: { id: "string", ["__proto__"]: "string" } }],
    [{ key: "id", fields, maxSize: 0 }],
    [{ key: "id", fields, maxSize: 1.5 }],
    [{ key: "id", fields, defaultSize: 0 }],
    [{ key: "id", fields, maxSize: 10, defaultSize: 11 }],
  ])("is refused where it does not hold together: %j", (options) => {
    expect(define(options)).toMatchObject({ code: "invalid-argument" });
  });
});
