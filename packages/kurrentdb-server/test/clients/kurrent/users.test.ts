import { AccessDeniedError } from "@kurrent/kurrentdb-client";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { usersAs } from "../../raw/raw-users.ts";
import { certificates } from "../certificates.ts";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { passwordOf, serveSecured } from "../serve-secured.ts";
import { connectTo, numbered, numbersOf } from "./connect.ts";
import { secured } from "./secured.ts";

const PATIENT = { timeout: 8_000 };
const SLOWLY = { timeout: 40_000 };

describe.each(everyStore)("users over $name", ({ open }) => {
  it("log in with the password that they were made with, and with no other", SLOWLY, async () => {
    const { users, as } = await secured({}, await open());
    expect(await users.create("ann", "ann-begins", ["sales"])).toBe("done");
    await as("ann", "ann-begins").appendToStream("account-1", numbered(1));
    expect(numbersOf(await collect(as("ann", "ann-begins").readStream("account-1")))).toEqual([0]);
    for (const wrong of ["ann-begin", "ann-begins-", "Ann-begins"]) {
      const eve = as("ann", wrong);
      expect(await refusalOf(eve.appendToStream("account-1", numbered(1)))).toBeInstanceOf(AccessDeniedError);
      expect(await refusalOf(collect(eve.readStream("account-1")))).toBeInstanceOf(AccessDeniedError);
    }
    expect(await refusalOf(as("nobody", "ann-begins").deleteStream("account-1"))).toBeInstanceOf(AccessDeniedError);
  });

  it("whose password was changed, or who are disabled or deleted, are out at once, with what they had open", SLOWLY, async () => {
    const { users, as } = await secured({ ann: [], bob: [], eve: [] }, await open());
    const open3 = ["ann", "bob", "eve"].map((login) => ({ client: as(login), followed: follow(as(login).subscribeToStream("account-1")) }));
    for (const { client } of open3) await client.appendToStream("account-1", numbered(1));
    await vi.waitFor(() => expect(open3.map(({ followed }) => followed.entries.length)).toEqual([3, 3, 3]), PATIENT);
    expect(await users.resetPassword("ann", "ann-anew")).toBe("done");
    expect(await users.disable("bob")).toBe("done");
    expect(await users.delete("eve")).toBe("done");
    for (const { client } of open3) {
      expect(await refusalOf(client.appendToStream("account-1", numbered(1)))).toBeInstanceOf(AccessDeniedError);
      expect(await refusalOf(collect(client.readStream("account-1")))).toBeInstanceOf(AccessDeniedError);
    }
    await vi.waitFor(
      () => expect(open3.map(({ followed }) => followed.errors)).toEqual(Array.from({ length: 3 }, () => [expect.any(AccessDeniedError)])),
      PATIENT,
    );
    await as("ann", "ann-anew").appendToStream("account-1", numbered(1));
    expect(await users.enable("bob")).toBe("done");
    await as("bob").appendToStream("account-1", numbered(1));
  });

  it("are those of all servers of a store", SLOWLY, async () => {
    const store = await open();
    const here = await secured({ ann: [] }, store);
    const there = await startServer(store, { port: 0, tls: await certificates() });
    onTestFinished(() => there.close());
    const connected = (password: string) => connectTo(there.url.replace("//", `//ann:${password}@`));
    await connected(passwordOf("ann")).appendToStream("account-1", numbered(1));
    expect(await here.users.resetPassword("ann", "ann-anew")).toBe("done");
    await vi.waitFor(
      async () =>
        expect(await refusalOf(connected(passwordOf("ann")).appendToStream("account-1", numbered(1)))).toBeInstanceOf(AccessDeniedError),
      PATIENT,
    );
    await connected("ann-anew").appendToStream("account-1", numbered(1));
  });
});

describe("managing users", () => {
  it("makes, changes, shows and deletes them", SLOWLY, async () => {
    const { users } = await secured({ bob: ["sales"] });
    expect(await users.create("jean-luc ü", "make-it-so", ["$ops", "crew"])).toBe("done");
    expect(await users.details("jean-luc ü")).toEqual(["jean-luc ü (jean-luc ü) of $ops, crew"]);
    expect(await users.update("jean-luc ü", "Jean-Luc", [])).toBe("done");
    expect(await users.disable("bob")).toBe("done");
    expect(await users.details()).toEqual(["admin (admin) of $admins", "bob (bob) of sales, disabled", "jean-luc ü (Jean-Luc) of "]);
    expect(await users.delete("bob")).toBe("done");
    expect(await users.details("bob")).toEqual(["user-not-found bob"]);
    expect(await users.create("bob", "once-more")).toBe("done");
  });

  it("tells which user there is already, or is not", async () => {
    const { users } = await secured({ bob: [] });
    expect(await users.create("bob", "another-bob")).toBe("user-conflict bob");
    const missing = [
      users.update("eve", "Eve", []),
      users.delete("eve"),
      users.disable("eve"),
      users.enable("eve"),
      users.resetPassword("eve", "x"),
    ];
    expect(await Promise.all(missing)).toEqual(Array(5).fill("user-not-found eve"));
    expect(await users.details("eve")).toEqual(["user-not-found eve"]);
  });

  it("is for administrators, and everybody sees themselves and changes their own password", SLOWLY, async () => {
    const served = await secured({ ann: ["$ops"], bob: [] });
    const [ann, newAnn] = [usersAs(served, "ann", passwordOf("ann")), usersAs(served, "ann", "ann-anew")];
    const denied = [
      ann.create("eve", "x"),
      ann.update("bob", "", []),
      ann.delete("bob"),
      ann.disable("bob"),
      ann.enable("bob"),
      ann.resetPassword("bob", "x"),
    ];
    expect(await Promise.all(denied)).toEqual(Array(6).fill("access-denied"));
    expect([await ann.details(), await ann.details("bob")]).toEqual([["access-denied"], ["access-denied"]]);
    expect(await ann.details("ann")).toEqual(["ann (ann) of $ops"]);
    expect(await ann.changePassword("bob", passwordOf("bob"), "bob-anew")).toBe("access-denied");
    expect(await ann.changePassword("ann", "wrong", "ann-anew")).toBe("16");
    expect(await ann.changePassword("ann", passwordOf("ann"), "ann-anew")).toBe("done");
    expect(await ann.details("ann")).toEqual(["16"]);
    expect(await newAnn.details("ann")).toEqual(["ann (ann) of $ops"]);
  });

  it("refuses names and passwords that cannot be", async () => {
    const { users } = await secured();
    const names = ["", " ", "a\nb", "a\u0000b", "a\u007f", "$admins", "ann:bob", "x".repeat(129), " ann"];
    expect(await Promise.all(names.map((name) => users.create(name, "long-enough")))).toEqual(names.map(() => "3"));
    const groups = [["$all"], ["$everybody"], [""], ["a\r\nb"], Array.from({ length: 101 }, (_, index) => `group-${index}`)];
    expect(await Promise.all(groups.map((of) => users.create("ann", "long-enough", of)))).toEqual(groups.map(() => "3"));
    expect(await Promise.all(["", "x".repeat(1_025)].map((password) => users.create("ann", password)))).toEqual(["3", "3"]);
    expect(await users.details()).toEqual(["admin (admin) of $admins"]);
  });

  it("is the only way to write what is kept of them, and nobody is shown what passwords are recognised by", async () => {
    const { admin, as } = await secured({ ann: [] });
    for (const stream of ["$user-admin", "$user-eve", "$$$user-admin"])
      expect(await refusalOf(admin.appendToStream(stream, numbered(1)))).toBeInstanceOf(AccessDeniedError);
    expect(await refusalOf(admin.setStreamMetadata("$user-admin", { acl: { readRoles: ["ann"] } }))).toBeInstanceOf(AccessDeniedError);
    expect(await refusalOf(admin.deleteStream("$user-admin"))).toBeInstanceOf(AccessDeniedError);
    expect(await refusalOf(admin.tombstoneStream("$user-admin"))).toBeInstanceOf(AccessDeniedError);
    expect(await refusalOf(collect(as("ann").readStream("$user-admin")))).toBeInstanceOf(AccessDeniedError);
    const resolved = { resolveLinkTos: true };
    const seen = [
      ...(await collect(admin.readAll())),
      ...(await collect(admin.readStream("$user-admin"))),
      ...(await collect(admin.readStream("$ce-$user", resolved))),
      ...(await collect(admin.readStream("$et-$UserCreated", resolved))),
    ].filter(({ event }) => event?.streamId.startsWith("$user-"));
    expect(seen.length).toBeGreaterThanOrEqual(7);
    const keys = new Set(seen.flatMap(({ event }) => Object.keys(event?.data as object)));
    expect([...keys].toSorted((a, b) => a.localeCompare(b))).toEqual(["disabled", "fullName", "groups", "loginName"]);
  });
});

describe("a server that begins", () => {
  it("needs a password for an administrator where the store has none, and makes admin and ops with those it is given", SLOWLY, async () => {
    const store = createInMemoryStore();
    onTestFinished(() => store.close());
    const tls = await certificates();
    await expect(startServer(store, { port: 0, tls })).rejects.toThrow(
      expect.objectContaining({ code: "invalid-argument", message: expect.stringContaining("options.adminPassword") }),
    );
    const first = await startServer(store, { port: 0, tls, adminPassword: "first-of-admin", opsPassword: "first-of-ops" });
    await first.close();
    const server = await startServer(store, { port: 0, tls, adminPassword: "second-of-admin", opsPassword: "second-of-ops" });
    onTestFinished(() => server.close());
    const end = { port: server.port, caFile: tls.caFile };
    expect(await usersAs(end, "admin", "first-of-admin").details()).toEqual([
      "admin (Administrator) of $admins",
      "ops (Operations) of $ops",
    ]);
    expect(await usersAs(end, "ops", "first-of-ops").details("ops")).toEqual(["ops (Operations) of $ops"]);
    expect(await usersAs(end, "admin", "second-of-admin").details()).toEqual(["16"]);
  });

  it("makes admin anew where no administrator can log in any more", SLOWLY, async () => {
    const store = createInMemoryStore();
    onTestFinished(() => store.close());
    const first = await serveSecured(store);
    expect(await usersAs(first, "admin", passwordOf("admin")).disable("admin")).toBe("done");
    await first.server.close();
    const tls = await certificates();
    const server = await startServer(store, { port: 0, tls, adminPassword: "rescued-admin" });
    onTestFinished(() => server.close());
    expect(await usersAs({ port: server.port, caFile: tls.caFile }, "admin", "rescued-admin").details()).toEqual([
      "admin (Administrator) of $admins",
    ]);
  });

  it.each([
    ["is too short", { adminPassword: "short-1" }],
    ["is no text", { opsPassword: 12_345_678 as never }],
    ["is given to a server that asks nobody", { adminPassword: "a-long-secret", insecure: true }],
  ])("refuses a password that %s, and does not show it", async (_what, options) => {
    const store = createInMemoryStore();
    onTestFinished(() => store.close());
    const error = await refusalOf(startServer(store, { port: 0, tls: await certificates(), ...options }));
    expect(error).toMatchObject({ code: "invalid-argument" });
    expect(JSON.stringify([String(error), error])).not.toMatch(/short-1|12345678|a-long-secret/);
  });
});
