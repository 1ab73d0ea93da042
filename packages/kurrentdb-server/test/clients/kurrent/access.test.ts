import { AccessDeniedError, jsonEvent, StreamNotFoundError, type KurrentDBClient } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { passwordOf } from "../serve-secured.ts";
import { numbered, numbersOf } from "./connect.ts";
import { secured, type SecuredClients } from "./secured.ts";

const PATIENT = { timeout: 8_000 };

/** Whether a call was done, or what it was refused with. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    return error instanceof Error ? error.constructor.name : "no error";
  }
}

/** What becomes of all that can be done to a stream. */
async function allOn({ as }: SecuredClients, login: string, stream: string): Promise<readonly string[]> {
  const client = as(login);
  const credentials = { username: login, password: passwordOf(login) };
  return [
    await outcomeOf(client.appendToStream(stream, numbered(1))),
    await outcomeOf(client.appendToStream(stream, numbered(1), { credentials })),
    await outcomeOf(client.multiStreamAppend([{ streamName: stream, expectedState: "any", events: numbered(1) }])),
    await outcomeOf(collect(client.readStream(stream))),
    await outcomeOf(client.getStreamMetadata(stream)),
    await outcomeOf(client.setStreamMetadata(stream, { maxCount: 100 })),
    await outcomeOf(client.deleteStream(stream)),
  ];
}

const ALL_DONE = Array(7).fill("done");
const ALL_DENIED = Array(7).fill("AccessDeniedError");

describe.each(everyStore)("with access control over $name", ({ open }) => {
  it("users do to streams what nothing says they may not, and to those of the system nothing", async () => {
    const served = await secured({ ann: [] }, await open());
    expect(await allOn(served, "ann", "account-1")).toEqual(ALL_DONE);
    expect(await allOn(served, "ann", "$own")).toEqual(ALL_DENIED);
    expect(await refusalOf(collect(served.as("ann").readAll()))).toBeInstanceOf(AccessDeniedError);
    expect(await allOn(served, "admin", "$own")).toEqual(ALL_DONE);
    expect((await collect(served.admin.readAll())).length).toBeGreaterThan(5);
  });

  it("a list says who may do what to a stream, and each right is one of its own", async () => {
    const served = await secured({ ann: [], bob: ["sales"], eve: [] }, await open());
    const { admin } = served;
    const acl = {
      readRoles: ["sales", "ann"],
      writeRoles: ["ann"],
      deleteRoles: [],
      metaReadRoles: ["sales"],
      metaWriteRoles: ["$admins"],
    };
    await admin.setStreamMetadata("account-1", { acl });
    const [done, denied] = ["done", "AccessDeniedError"];
    expect(await allOn(served, "ann", "account-1")).toEqual([done, done, done, done, denied, denied, denied]);
    expect(await allOn(served, "bob", "account-1")).toEqual([denied, denied, denied, done, done, denied, denied]);
    expect(await allOn(served, "eve", "account-1")).toEqual(ALL_DENIED);
    expect((await admin.getStreamMetadata("account-1")).metadata?.acl).toEqual(acl);
    expect(await refusalOf(served.as("eve").tombstoneStream("account-1"))).toBeInstanceOf(AccessDeniedError);
    expect(await allOn(served, "admin", "account-1")).toEqual(ALL_DONE);
  });

  it("a subscription ends with a denied access when its right is taken away, and others go on", async () => {
    const { as, admin } = await secured({ ann: [], bob: [] }, await open());
    const [ann, bob] = [as("ann"), as("bob")];
    await admin.appendToStream("account-1", numbered(2));
    const [ofAnn, ofBob] = [ann, bob].map((client) => follow(client.subscribeToStream("account-1")));
    await vi.waitFor(() => expect([ofAnn?.entries.length, ofBob?.entries.length]).toEqual([2, 2]), PATIENT);
    await admin.setStreamMetadata("account-1", { acl: { readRoles: ["bob"] } });
    await vi.waitFor(() => expect(ofAnn?.errors).toEqual([expect.any(AccessDeniedError)]), PATIENT);
    await admin.appendToStream("account-1", numbered(1));
    await vi.waitFor(() => expect(ofBob?.entries).toHaveLength(3), PATIENT);
    expect([ofAnn?.entries.length, ofBob?.errors.length]).toEqual([2, 0]);
  });

  it("links lead nowhere for who may not read what they lead to", async () => {
    const { as, admin } = await secured({ ann: [] }, await open());
    const ann = as("ann");
    await admin.setStreamMetadata("account-2", { acl: { readRoles: [] } });
    await admin.appendToStream("account-1", numbered(1));
    await admin.appendToStream("account-2", numbered(1));
    await admin.appendToStream("links", [link("0@account-1"), link("0@account-2"), link("0@$user-admin")]);
    const resolved = async (client: KurrentDBClient, stream: string): Promise<readonly (string | undefined)[]> =>
      (await collect(client.readStream(stream, { resolveLinkTos: true }))).map(({ event }) => event?.streamId);
    expect(await resolved(ann, "links")).toEqual(["account-1", undefined, undefined]);
    expect(await resolved(ann, "$ce-account")).toEqual(["account-1", undefined]);
    expect(await resolved(ann, "$et-counted")).toEqual(["account-1", undefined]);
    expect(await resolved(admin, "links")).toEqual(["account-1", "account-2", "$user-admin"]);
    expect(await resolved(admin, "$ce-account")).toEqual(["account-1", "account-2"]);
  });
});

function link(data: string): ReturnType<typeof jsonEvent> {
  return {
    id: crypto.randomUUID(),
    type: "$>",
    contentType: "application/octet-stream",
    data: Buffer.from(data),
    metadata: undefined,
  } as never;
}

describe("the default lists", () => {
  it("are set in $settings, for streams of users and of the system", async () => {
    const { as, admin } = await secured({ ann: ["sales"] });
    const ann = as("ann");
    const defaults = { $userStreamAcl: { $w: "$admins", $r: ["sales"] }, $systemStreamAcl: { $r: "sales" } };
    await admin.appendToStream("$settings", jsonEvent({ type: "$settings", data: defaults }));
    await admin.appendToStream("account-1", numbered(1));
    await admin.appendToStream("$own", numbered(1));
    expect(await refusalOf(ann.appendToStream("account-1", numbered(1)))).toBeInstanceOf(AccessDeniedError);
    expect(numbersOf(await collect(ann.readStream("account-1")))).toEqual([0]);
    expect(numbersOf(await collect(ann.readStream("$own")))).toEqual([0]);
    expect(await refusalOf(ann.appendToStream("$own", numbered(1)))).toBeInstanceOf(AccessDeniedError);
    await admin.setStreamMetadata("account-1", { acl: "$systemStreamAcl" as never });
    expect(await refusalOf(ann.deleteStream("account-1"))).toBeInstanceOf(AccessDeniedError);
  });

  it("give nobody a right to what the server itself works by", async () => {
    const { as, admin } = await secured({ ann: [] });
    const ann = as("ann");
    const everything = { $r: "$all", $w: "$all", $d: "$all", $mr: "$all", $mw: "$all" };
    await admin.appendToStream("$settings", jsonEvent({ type: "$settings", data: { $systemStreamAcl: everything } }));
    expect(await refusalOf(ann.appendToStream("$settings", jsonEvent({ type: "$settings", data: {} })))).toBeInstanceOf(AccessDeniedError);
    expect(await refusalOf(collect(ann.readStream("$user-admin")))).toBeInstanceOf(AccessDeniedError);
    expect(numbersOf(await collect(ann.readAll({ maxCount: 1, direction: "backwards" })))).toHaveLength(1);
  });

  it("that are none are refused, as lists of streams that are none are, and nothing is written", async () => {
    const { admin } = await secured();
    const bad = [{ $userStreamAcl: 1 }, { $systemStreamAcl: { $r: [1] } }, { $userStreamAcl: { read: "ann" } }, []];
    for (const data of bad)
      expect(await refusalOf(admin.appendToStream("$settings", jsonEvent({ type: "$settings", data })))).toBeInstanceOf(Error);
    expect(await refusalOf(collect(admin.readStream("$settings")))).toBeInstanceOf(StreamNotFoundError);
    const metadata = jsonEvent({ type: "$metadata", data: { $acl: { $r: 1 } } });
    const credentials = { username: "admin", password: passwordOf("admin") };
    expect(await refusalOf(admin.appendToStream("$$account-1", metadata, { credentials }))).toMatchObject({
      code: 3,
      message: expect.stringContaining("must be a name or a list of names"),
    });
  });
});

it("a user of $ops may read no stream of the system, and all others", async () => {
  const served = await secured({ ops: ["$ops"] });
  expect(await refusalOf(collect(served.as("ops").readAll()))).toBeInstanceOf(AccessDeniedError);
  expect(await allOn(served, "ops", "$own")).toEqual(ALL_DENIED);
  expect(await allOn(served, "ops", "account-1")).toEqual(ALL_DONE);
});

it("a check of another stream in an append needs the right to read it", async () => {
  const { as, admin } = await secured({ ann: [] });
  await admin.setStreamMetadata("secret", { acl: { readRoles: [] } });
  const records = numbered(1).map((record) => ({ streamName: "account-1", record }));
  const checks = (streamName: string) => [{ type: "stream_state" as const, streamName, expectedState: "no_stream" as const }];
  expect((await as("ann").appendRecords(records, checks("other"))).responses).toHaveLength(1);
  expect(await refusalOf(as("ann").appendRecords(records, checks("secret")))).toBeInstanceOf(AccessDeniedError);
});
