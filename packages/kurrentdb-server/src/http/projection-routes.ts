import type { Principal } from "../access/principal.ts";
import type { ProjectionMode, Projections } from "../projections/projections.ts";
import type { ServerContext } from "../server-context.ts";
import { ok } from "./http-answer.ts";
import type { Route } from "./route.ts";

/** The lists of projections, by the last part of their paths. */
const LISTS: Readonly<Record<string, ProjectionMode>> = {
  any: "all",
  "all-non-transient": "all",
  continuous: "continuous",
  transient: "transient",
  onetime: "oneTime",
};
const MADE = ["continuous", "transient", "onetime"];
const COMMANDS = ["enable", "disable", "abort", "reset"] as const;

/** What is asked of projections by HTTP/1.1. Clients make one by it when it is to keep track of what it emits. */
export function projectionRoutes({ projections }: ServerContext): readonly Route[] {
  return [...listRoutes(projections), ...tellingRoutes(projections), ...changingRoutes(projections)];
}

function listRoutes(projections: Projections): readonly Route[] {
  return Object.entries(LISTS).map(([list, mode]) => ({
    method: "GET",
    path: `/projections/${list}`,
    answer: async ({ principal }) => ok({ projections: await projections.list(principal, mode) }),
  }));
}

function tellingRoutes(projections: Projections): readonly Route[] {
  return [
    telling("/projection/:name/statistics", async (principal, name) => ({ projections: [await projections.details(principal, name)] })),
    telling("/projection/:name/state", (principal, name) => projections.state(principal, name)),
    telling("/projection/:name/result", (principal, name) => projections.result(principal, name)),
  ];
}

function telling(path: string, tell: (principal: Principal, name: string) => Promise<object>): Route {
  return { method: "GET", path, answer: async ({ principal, params }) => ok(await tell(principal, params["name"] ?? "")) };
}

function changingRoutes(projections: Projections): readonly Route[] {
  return [
    ...MADE.map((mode): Route => ({
      method: "POST",
      path: `/projections/${mode}`,
      answer: ({ principal }) => projections.create(principal),
    })),
    ...COMMANDS.map((command): Route => ({
      method: "POST",
      path: `/projection/:name/command/${command}`,
      answer: async ({ principal, params }) => {
        await projections[command](principal, params["name"] ?? "");
        return ok({});
      },
    })),
    { method: "DELETE", path: "/projection/:name", answer: ({ principal, params }) => projections.delete(principal, params["name"] ?? "") },
  ];
}
