import type { ServerContext } from "../server-context.ts";
import { appendRoutes } from "./append-routes.ts";
import { nodeRoutes } from "./node-routes.ts";
import { projectionRoutes } from "./projection-routes.ts";
import type { Route } from "./route.ts";
import { subscriptionRoutes } from "./subscription-routes.ts";

/** All that is answered over HTTP/1.1. */
export function routesOf(context: ServerContext): readonly Route[] {
  return [...nodeRoutes(context), ...appendRoutes(context), ...subscriptionRoutes(context), ...projectionRoutes(context)];
}
