import { request } from "node:https";
import { readFileSync } from "node:fs";
import { AccessDeniedError, persistentSubscriptionToStreamSettingsFromDefaults, START } from "@kurrent/kurrentdb-client";
import { expect, it, vi } from "vitest";
import { basic } from "../../raw/raw-users.ts";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { passwordOf } from "../serve-secured.ts";
import { numbered } from "./connect.ts";
import { secured, type SecuredClients } from "./secured.ts";

const PATIENT = { timeout: 8_000 };
const SETTINGS = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, resolveLinkTos: true });

/** The status of a post of one event, with an id unless that is empty. */
function post(
  { port, caFile }: SecuredClients,
  stream: string,
  authorization?: string,
  id: string = crypto.randomUUID(),
): Promise<number | undefined> {
  const body = JSON.stringify({ amount: 1 });
  const headers = {
    "content-type": "application/json",
    "es-eventtype": "AmountDeposited",
    ...(id !== "" && { "es-eventid": id }),
    "content-length": body.length,
    ...(authorization !== undefined && { authorization }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path: `/streams/${encodeURIComponent(stream)}`,
        method: "POST",
        ca: readFileSync(caFile),
        headers,
        agent: false,
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

it("persistent subscriptions are managed by $ops, seen by users, and read by who may read their stream", async () => {
  const { as, admin } = await secured({ ann: [], ops: ["$ops"] });
  const [ann, ops] = [as("ann"), as("ops")];
  await admin.appendToStream("account-1", numbered(1));
  expect(await refusalOf(ann.createPersistentSubscriptionToStream("account-1", "mailer", SETTINGS))).toBeInstanceOf(AccessDeniedError);
  await ops.createPersistentSubscriptionToStream("account-1", "mailer", SETTINGS);
  expect(await refusalOf(ann.updatePersistentSubscriptionToStream("account-1", "mailer", SETTINGS))).toBeInstanceOf(AccessDeniedError);
  expect(await refusalOf(ann.replayParkedMessagesToStream("account-1", "mailer"))).toBeInstanceOf(AccessDeniedError);
  expect(await refusalOf(ann.restartPersistentSubscriptionSubsystem())).toBeInstanceOf(AccessDeniedError);
  expect(await refusalOf(ann.deletePersistentSubscriptionToStream("account-1", "mailer"))).toBeInstanceOf(AccessDeniedError);
  expect(await ann.listPersistentSubscriptionsToStream("account-1")).toHaveLength(1);
  await admin.setStreamMetadata("account-1", { acl: { readRoles: [] } });
  expect(await refusalOf(collect(ann.subscribeToPersistentSubscriptionToStream("account-1", "mailer")))).toBeInstanceOf(AccessDeniedError);
});

it("who consumes what is told of a stream needs the right to that", async () => {
  const { as, admin } = await secured({ ann: [] });
  await admin.setStreamMetadata("account-1", { acl: { readRoles: [] } });
  await admin.createPersistentSubscriptionToStream("$$account-1", "mailer", SETTINGS);
  const seen: (string | undefined)[] = [];
  const told = as("ann").subscribeToPersistentSubscriptionToStream("$$account-1", "mailer");
  told.on("data", ({ event }) => void seen.push(event?.streamId));
  const errors: unknown[] = [];
  told.on("error", (error) => void errors.push(error));
  await vi.waitFor(() => expect(seen).toEqual(["$$account-1"]), PATIENT);
  await admin.setStreamMetadata("account-1", { acl: { readRoles: ["$all"], metaReadRoles: [] } });
  await vi.waitFor(() => expect(errors).toEqual([expect.any(AccessDeniedError)]), PATIENT);
  expect(await refusalOf(collect(as("ann").subscribeToPersistentSubscriptionToStream("$$account-1", "mailer")))).toBeInstanceOf(
    AccessDeniedError,
  );
});

it("a consumer of a persistent subscription loses it with its right, and sees behind links what it may read", async () => {
  const { as, admin } = await secured({ ann: [] });
  await admin.setStreamMetadata("account-2", { acl: { readRoles: [] } });
  await admin.appendToStream("account-1", numbered(1));
  await admin.appendToStream("account-2", numbered(1));
  await admin.createPersistentSubscriptionToStream("$ce-account", "mailer", SETTINGS);
  await admin.createPersistentSubscriptionToStream("account-1", "mailer", SETTINGS);
  const seen: (string | undefined)[] = [];
  const errors: unknown[] = [];
  const ofLinks = as("ann").subscribeToPersistentSubscriptionToStream("$ce-account", "mailer");
  ofLinks.on("data", ({ event }) => void seen.push(event?.streamId));
  ofLinks.on("error", () => undefined);
  await vi.waitFor(() => expect(seen).toEqual(["account-1", undefined]), PATIENT);
  const ofStream = as("ann").subscribeToPersistentSubscriptionToStream("account-1", "mailer");
  ofStream.on("error", (error) => void errors.push(error));
  ofStream.on("data", () => void admin.setStreamMetadata("account-1", { acl: { readRoles: [] } }));
  await vi.waitFor(() => expect(errors).toEqual([expect.any(AccessDeniedError)]), PATIENT);
  await ofLinks.unsubscribe();
});

it("projections are managed by $ops and seen by users", async () => {
  const { as } = await secured({ ann: [], ops: ["$ops"] });
  const [ann, ops] = [as("ann"), as("ops")];
  expect(await refusalOf(ann.disableProjection("$by_category"))).toBeInstanceOf(AccessDeniedError);
  expect((await ann.getProjectionStatus("$by_category")).name).toBe("$by_category");
  await ops.disableProjection("$by_category");
  await ops.enableProjection("$by_category");
});

it("over HTTP/1.1 the same users have the same rights", async () => {
  const served = await secured({ ann: [] });
  const ann = basic("ann", passwordOf("ann"));
  expect(await post(served, "account-1", ann)).toBe(201);
  const denied = [
    post(served, "$own", ann),
    post(served, "$$account-1", basic("ann", "wrong")),
    post(served, "account-1"),
    post(served, "account-1", "Bearer x"),
  ];
  expect(await Promise.all(denied)).toEqual([401, 401, 401, 401]);
  await served.admin.setStreamMetadata("account-1", { acl: { writeRoles: [] } });
  expect(await post(served, "account-1", ann)).toBe(401);
  expect(await post(served, "account-1", ann, "")).toBe(401);
  expect(await post(served, "account-2", ann, "")).toBe(307);
  expect(await post(served, "account-1", basic("admin", passwordOf("admin")))).toBe(201);
});
