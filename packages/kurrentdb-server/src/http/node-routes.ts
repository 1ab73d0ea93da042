import { openAccess } from "../access/access.ts";
import { PROTOCOL_VERSION } from "../server-features.ts";
import type { ServerContext } from "../server-context.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { ok, type HttpAnswer } from "./http-answer.ts";
import type { Route } from "./route.ts";

const NO_CONTENT = 204;
const MAX_SUCCESS = 399;
/** A stream that need not be there: asking for it shows that the store answers. */
const ASKED_STREAM = "$settings";

/** What tells of the server itself: also to who has no password, as probes have none. */
export function nodeRoutes(context: ServerContext): readonly Route[] {
  return [
    { method: "GET", path: "/health/live", answer: ({ query }) => live(query.get("liveCode")) },
    { method: "GET", path: "/health/ready", answer: () => ready(context) },
    { method: "GET", path: "/ping", answer: () => ok({ text: "The server answers." }) },
    { method: "GET", path: "/info", answer: () => ok(infoOf(context)) },
    { method: "GET", path: "/gossip", answer: () => ok(gossipOf(context)) },
  ];
}

/** A probe may say with which status it wants to be answered. */
function live(wanted: string | null): HttpAnswer {
  const status = Number(wanted ?? NO_CONTENT);
  if (!Number.isInteger(status) || status < 200 || status > MAX_SUCCESS)
    throw new HttpRefusal(400, `liveCode must be an integer from 200 to ${MAX_SUCCESS}.`);
  return { status };
}

async function ready({ store }: ServerContext): Promise<HttpAnswer> {
  await store.streamInfo(ASKED_STREAM);
  return ok({ status: "ready" });
}

function infoOf({ access }: ServerContext): object {
  const isOpen = access === openAccess;
  return {
    dbVersion: PROTOCOL_VERSION,
    esVersion: PROTOCOL_VERSION,
    state: "leader",
    features: { projections: true, userManagement: !isOpen, atomPub: false },
    authentication: { type: isOpen ? "insecure" : "internal" },
  };
}

function gossipOf({ runtime, instanceId, address }: ServerContext): object {
  const { host, port } = address();
  const member = {
    instanceId,
    timeStamp: new Date(runtime.clock.now()).toISOString(),
    state: "Leader",
    isAlive: true,
    httpEndPointIp: host,
    httpEndPointPort: port,
  };
  return { members: [member], serverIp: host, serverPort: port };
}
