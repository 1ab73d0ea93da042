import { readFileSync } from "node:fs";
import { credentials, status, type Metadata, type ServiceError } from "@grpc/grpc-js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_grpc_pb.js";
import {
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from "@kurrent/kurrentdb-client";
import { expect, it, onTestFinished, vi } from "vitest";
import { numbered } from "../clients/kurrent/connect.ts";
import { secured, type SecuredClients } from "../clients/kurrent/secured.ts";
import { passwordOf } from "../clients/serve-secured.ts";
import { readOptions, type ReadReq } from "../raw/raw-persistent.ts";
import { authorized, basic } from "../raw/raw-users.ts";

const SETTINGS = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, resolveLinkTos: true });
const PATIENT = { timeout: 8_000 };

/** What a consumer's call comes to: `consumes`, once it is confirmed, or the status. */
function consumed({ port, caFile }: SecuredClients, request: ReadReq, metadata?: Metadata): Promise<string> {
  const client = new services.PersistentSubscriptionsClient(`localhost:${port}`, credentials.createSsl(readFileSync(caFile)), {
    "grpc.use_local_subchannel_pool": 1,
  });
  const call = metadata === undefined ? client.read() : client.read(metadata);
  onTestFinished(() => {
    call.cancel();
    client.close();
  });
  call.write(request);
  return new Promise((resolve) => {
    call.on("data", () => resolve("consumes"));
    call.on("error", ({ code }: ServiceError) => resolve(status[code] ?? ""));
    call.on("end", () => resolve("ended"));
  });
}

it("a consumer's call is for who may read its stream, whoever made the subscription", async () => {
  const served = await secured({ ann: [], bob: ["sales"], ops: ["$ops"] });
  const { admin } = served;
  await admin.setStreamMetadata("sales-1", { acl: { readRoles: ["sales"] } });
  await admin.setStreamMetadata("$own", { acl: { readRoles: ["sales"] } });
  const streams = ["account-1", "sales-1", "$own", "$ce-account", "$user-ann", "$persistentSubscriptionConfig"];
  for (const stream of streams) await admin.createPersistentSubscriptionToStream(stream, "readers", SETTINGS);
  const callers: readonly (readonly [string, Metadata | undefined])[] = [
    ["nobody", undefined],
    ["guesser", authorized(basic("ann", "wrong"))],
    ...["ann", "bob", "ops", "admin"].map((login) => [login, authorized(basic(login, passwordOf(login)))] as const),
  ];
  const table: Record<string, readonly string[]> = {};
  for (const [name, metadata] of callers)
    table[name] = await Promise.all(streams.map((stream) => consumed(served, readOptions({ stream }), metadata)));
  const [denied, unknown, consumes] = ["PERMISSION_DENIED", "UNAUTHENTICATED", "consumes"];
  expect(table).toEqual({
    nobody: [denied, denied, denied, denied, denied, denied],
    guesser: [unknown, unknown, unknown, unknown, unknown, unknown],
    ann: [consumes, denied, denied, consumes, denied, denied],
    bob: [consumes, consumes, consumes, consumes, denied, denied],
    ops: [consumes, denied, denied, consumes, denied, denied],
    admin: [consumes, consumes, consumes, consumes, consumes, consumes],
  });
});

it("no consumer is shown what passwords are recognised by, by any way to the stream of a user", async () => {
  const { admin, as } = await secured({ ann: [] });
  await admin.appendToStream("account-1", numbered(1));
  await admin.appendToStream("links", [
    { id: crypto.randomUUID(), type: "$>", contentType: "application/octet-stream", data: Buffer.from("0@$user-ann"), metadata: undefined },
  ]);
  for (const stream of ["$user-ann", "$ce-$user", "$et-$UserCreated", "links"])
    await admin.createPersistentSubscriptionToStream(stream, "readers", SETTINGS);
  const all = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START, resolveLinkTos: true });
  await admin.createPersistentSubscriptionToAll("readers", all);
  const seen: string[] = [];
  const shows = (entry: unknown): void =>
    void seen.push(JSON.stringify(entry, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  const byUser: string[] = [];
  const consumers = [
    ...["$user-ann", "$ce-$user", "$et-$UserCreated", "links"].map((stream) =>
      admin.subscribeToPersistentSubscriptionToStream(stream, "readers"),
    ),
    admin.subscribeToPersistentSubscriptionToAll("readers", { bufferSize: 100 }),
  ];
  for (const consumer of consumers) consumer.on("data", shows).on("error", () => undefined);
  const count = () => seen.filter((text) => text.includes('"loginName":"ann"')).length;
  await vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(5), PATIENT);
  expect(seen.filter((text) => /scrypt|"hash"|"salt"/.test(text))).toEqual([]);
  await admin.createPersistentSubscriptionToStream("links", "others", SETTINGS);
  const ofLinks = as("ann").subscribeToPersistentSubscriptionToStream("links", "others");
  ofLinks.on("data", ({ event, link }) => void byUser.push(`${link?.streamId} ${event?.streamId}`)).on("error", () => undefined);
  await vi.waitFor(() => expect(byUser).toEqual(["links undefined"]), PATIENT);
  for (const consumer of [...consumers, ofLinks]) await consumer.unsubscribe();
});
