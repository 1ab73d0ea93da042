import { toWrite } from "../access/stream-rights.ts";
import { appendEvents } from "../streams/append-events.ts";
import type { ServerContext } from "../server-context.ts";
import { expectationOfNumber } from "../wire/places.ts";
import { proposedBytes, proposedEvent } from "../wire/proposed-event.ts";
import { appendTooLarge } from "../wire/refusal.ts";
import type { HttpAnswer } from "./http-answer.ts";
import type { HttpRequest } from "./http-request.ts";
import { headerOf, isOneEvent, proposedIn } from "./posted-events.ts";
import type { Route } from "./route.ts";

/** Appending by POST. */
export function appendRoutes(context: ServerContext): readonly Route[] {
  const post = (path: string): Route => ({ method: "POST", path, answer: (request) => posted(context, request) });
  return [post("/streams/:stream"), post("/streams/:stream/incoming/:eventId")];
}

/** One event without an id is sent again to a path that has one, so that sending it there twice writes it once. */
async function posted(context: ServerContext, request: HttpRequest): Promise<HttpAnswer> {
  const { params, headers } = request;
  const { stream = "" } = params;
  await toWrite(context.access, request.principal, stream);
  const eventId = params["eventId"] ?? headerOf(headers, "eventid");
  if (eventId === undefined && isOneEvent(headers))
    return { status: 307, body: {}, headers: { location: `${pathOf(stream)}/incoming/${context.runtime.ids.next()}` } };
  const proposed = proposedIn(headers, await request.body(), eventId);
  const { maxAppendBytes } = context.limits;
  if (proposed.reduce((bytes, event) => bytes + proposedBytes(event), 0) > maxAppendBytes) throw appendTooLarge(maxAppendBytes);
  const { version } = await appendEvents(
    context,
    {
      stream,
      expectedVersion: expectationOfNumber(headerOf(headers, "expectedversion")),
      events: proposed.map(proposedEvent),
    },
    request.principal,
  );
  return { status: 201, body: { stream, version }, headers: { location: `${pathOf(stream)}/${version}` } };
}

function pathOf(stream: string): string {
  return `/streams/${encodeURIComponent(stream)}`;
}
