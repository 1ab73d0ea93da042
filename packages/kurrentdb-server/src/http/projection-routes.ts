import { HttpRefusal } from "./http-refusal.ts";
import type { Route } from "./route.ts";

/** Clients make a projection by this protocol when it is to keep track of what it emits. */
export function projectionRoutes(): readonly Route[] {
  return ["onetime", "transient", "continuous"].map((mode) => ({
    method: "POST",
    path: `/projections/${mode}`,
    answer: () => {
      throw new HttpRefusal(
        501,
        "Projections of your own in JavaScript are not run here. Project events in your application, or read the system projections.",
      );
    },
  }));
}
