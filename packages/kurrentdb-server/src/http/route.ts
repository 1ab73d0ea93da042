import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpRefusal } from "./http-refusal.ts";
import type { HttpRequest } from "./http-request.ts";

/** What is answered at a path. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Like `/streams/:stream`. */
  readonly path: string;
  readonly answer: (request: HttpRequest) => MaybePromise<HttpAnswer>;
}

/** A route, and what of the path stands for its names. */
export interface FoundRoute {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The route of a request. Errors: {@link HttpRefusal} 404, 405, 400 for a path that is no UTF-8. */
export function findRoute(routes: readonly Route[], method: string | undefined, pathname: string): FoundRoute {
  const segments = pathname.split("/");
  const atPath = routes.flatMap((route) => {
    const params = paramsOf(route.path.split("/"), segments);
    return params === undefined ? [] : [{ route, params }];
  });
  const wanted = method === "HEAD" ? "GET" : method;
  const found = atPath.find(({ route }) => route.method === wanted);
  if (found !== undefined) return { ...found, params: decoded(found.params) };
  if (atPath.length === 0)
    throw new HttpRefusal(404, "There is nothing at this path. What a KurrentDB has here beside it is reached by its clients.");
  const allowed = atPath.map(({ route }) => route.method).join(", ");
  throw new HttpRefusal(405, `This path takes ${allowed} alone.`, { allow: allowed });
}

function paramsOf(path: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (path.length !== segments.length) return undefined;
  const named = path.map((part, index) => ({ part, segment: segments[index] ?? "" }));
  const fits = named.every(({ part, segment }) => (part.startsWith(":") ? segment !== "" : part === segment));
  if (!fits) return undefined;
  return Object.fromEntries(named.filter(({ part }) => part.startsWith(":")).map(({ part, segment }) => [part.slice(1), segment]));
}

function decoded(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new HttpRefusal(400, "The path must be UTF-8, percent-encoded, but is not.");
  }
}
