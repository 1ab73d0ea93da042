import { invalidArgument } from "../wire/refusal.ts";
import { HttpRefusal } from "./http-refusal.ts";
import type { ServerContext } from "../server-context.ts";
import type { SubscriptionKey, Subscriptions } from "../subscriptions/subscriptions.ts";
import { ok } from "./http-answer.ts";
import type { Route } from "./route.ts";
import { detailsOf, summaryOf } from "./subscription-json.ts";

/** What clients ask of persistent subscriptions where they do not know that the server is told by gRPC. */
export function subscriptionRoutes({ subscriptions }: ServerContext): readonly Route[] {
  return [...tellingRoutes(subscriptions), ...changingRoutes(subscriptions)];
}

function tellingRoutes(subscriptions: Subscriptions): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/subscriptions",
      answer: async ({ principal }) => ok((await subscriptions.list(principal)).map(summaryOf)),
    },
    {
      method: "GET",
      path: "/subscriptions/:stream",
      answer: async ({ principal, params }) => {
        const found = await subscriptions.list(principal, params["stream"]);
        if (found.length === 0) throw new HttpRefusal(404, `Stream ${params["stream"]} has no persistent subscriptions.`);
        return ok(found.map(summaryOf));
      },
    },
    {
      method: "GET",
      path: "/subscriptions/:stream/:group/info",
      answer: async ({ principal, params }) => ok(detailsOf(await subscriptions.info(principal, keyOf(params)))),
    },
  ];
}

function changingRoutes(subscriptions: Subscriptions): readonly Route[] {
  return [
    {
      method: "DELETE",
      path: "/subscriptions/:stream/:group",
      answer: async ({ principal, params }) => {
        await subscriptions.delete(principal, keyOf(params));
        return ok({});
      },
    },
    {
      method: "POST",
      path: "/subscriptions/:stream/:group/replayParked",
      answer: async ({ principal, params, query }) => {
        await subscriptions.replayParked(principal, keyOf(params), stopAtOf(query.get("stopAt")));
        return ok({});
      },
    },
    {
      method: "POST",
      path: "/subscriptions/restart",
      answer: async ({ principal }) => {
        await subscriptions.restart(principal);
        return ok({});
      },
    },
  ];
}

function keyOf({ stream = "", group = "" }: Readonly<Record<string, string>>): SubscriptionKey {
  return { stream, group };
}

function stopAtOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw invalidArgument(`stopAt must be an integer from 0, but is ${JSON.stringify(text)}.`);
  return number;
}
