import { openUsers, UserRefused } from "@reactive-domain/kurrentdb-server";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { AccessDeniedError } from "@kurrent/kurrentdb-client";
import { collect } from "../clients/collect.ts";
import { refusalOf } from "../clients/refusal-of.ts";
import { numbered } from "../clients/kurrent/connect.ts";
import { secured } from "../clients/kurrent/secured.ts";

const SLOWLY = { timeout: 40_000 };
const PATIENT = { timeout: 10_000 };

describe.each(everyStore)("the users of a store on $name that are managed in process", ({ open }) => {
  it("log in at servers of it, and are out when their password is set or they are removed", SLOWLY, async () => {
    const store = await open();
    const { as, admin } = await secured({}, store);
    using users = await openUsers(store);
    await admin.appendToStream("account-1", numbered(1));
    await users.add({ login: "ann", password: "first-password", groups: ["sales"], fullName: "Ann" });
    expect(users.list()).toMatchObject([
      { login: "admin", groups: ["$admins"] },
      { login: "ann", fullName: "Ann", groups: ["sales"], isDisabled: false, updatedAt: expect.any(Date) as unknown },
    ]);
    expect(JSON.stringify(users.list())).not.toMatch(/scrypt|hash/);
    const reads = async (password: string) => collect(as("ann", password).readStream("account-1"));
    await vi.waitFor(async () => expect(await reads("first-password")).toHaveLength(1), PATIENT);
    await users.setPassword("ann", "other-password");
    await vi.waitFor(async () => expect(await refusalOf(reads("first-password"))).toBeInstanceOf(AccessDeniedError), PATIENT);
    await vi.waitFor(async () => expect(await reads("other-password")).toHaveLength(1), PATIENT);
    await users.remove("ann");
    await vi.waitFor(async () => expect(await refusalOf(reads("other-password"))).toBeInstanceOf(AccessDeniedError), PATIENT);
    expect(users.list()).toHaveLength(1);
  });

  it("are asked for with all that is known of users, and nothing else", SLOWLY, async () => {
    using users = await openUsers(await open());
    const password = "S3cret-password";
    for (const [user, message] of [
      [{ login: "ann" }, 'The password must be text, but is "undefined".'],
      [{ login: 7, password }, 'The login must be text, but is "number".'],
      [{ login: "ann", password, groups: "sales" }, 'The groups must be a list of their names, but is "sales".'],
      [{ login: "ann", password, groups: [1] }, 'The name of a group must be text, but is "number".'],
      [{ login: "ann", password, group: "sales" }, 'A key of the user must be one of login, password, fullName, groups, but is "group".'],
    ] as const)
      expect(await refusalOf(users.add(user as never))).toMatchObject({ code: "invalid-argument", message });
    expect(users.list()).toEqual([]);
  });

  it("are refused with the reason where they cannot be so, without their password", SLOWLY, async () => {
    using users = await openUsers(await open());
    await users.add({ login: "ann", password: "S3cret-password" });
    const changes = [
      async () => users.add({ login: "ann", password: "S3cret-password" }),
      async () => users.add({ login: "a:b", password: "S3cret-password" }),
      async () => users.add({ login: "bob", password: "S3cret-password", groups: ["$others"] }),
      async () => users.add({ login: "bob", password: "" }),
      async () => users.setPassword("bob", "S3cret-password"),
      async () => users.remove("bob"),
    ];
    const refused = await Promise.all(changes.map(async (change) => refusalOf(change())));
    expect(refused.every((error) => error instanceof UserRefused && error.code === "user-refused")).toBe(true);
    expect(refused.map((error) => (error as Error).message)).toEqual([
      expect.stringContaining("There is a user ann already."),
      expect.stringContaining("has a colon"),
      expect.stringContaining("There is no group $others."),
      expect.stringContaining("The password is empty."),
      "There is no user bob.",
      "There is no user bob.",
    ]);
    expect(JSON.stringify(refused)).not.toContain("S3cret");
    expect(users.list().map(({ login }) => login)).toEqual(["ann"]);
  });
});
