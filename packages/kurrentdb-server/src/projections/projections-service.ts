import type { sendUnaryData, ServerUnaryCall, ServerWritableStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import { principalOf, type Principal } from "../access/principal.ts";
import type { ServerContext } from "../server-context.ts";
import { answer } from "../wire/answer.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { invalidArgument } from "../wire/refusal.ts";
import type { ProjectionDetails, ProjectionMode, Projections } from "./projections.ts";

interface NamedReq {
  readonly options?: { readonly name?: string; readonly write_checkpoint?: boolean } | null;
}

interface StatisticsReq {
  readonly options?: { readonly mode?: "name" | "all" | "transient" | "continuous" | "one_time"; readonly name?: string } | null;
}

const MODES: Readonly<Record<string, ProjectionMode>> = {
  all: "all",
  transient: "transient",
  continuous: "continuous",
  one_time: "oneTime",
};
/** A `google.protobuf.Value` that is an object without keys. */
const EMPTY_STRUCT = { structValue: { fields: {} } };

/** What clients ask of projections. */
export function projectionsService({ projections }: ServerContext): UntypedServiceImplementation {
  return {
    Create: unary((_request, principal) => projections.create(principal)),
    Update: unary((_request, principal) => projections.update(principal)),
    Delete: unary((request, principal) => projections.delete(principal, nameOf(request))),
    Enable: unary((request, principal) => done(projections.enable(principal, nameOf(request)))),
    Disable: unary((request, principal) => done(stop(projections, request, principal))),
    Reset: unary((request, principal) => done(projections.reset(principal, nameOf(request)))),
    State: unary(async (request, principal) => {
      await projections.state(principal, nameOf(request));
      return { state: EMPTY_STRUCT };
    }),
    Result: unary(async (request, principal) => {
      await projections.result(principal, nameOf(request));
      return { result: EMPTY_STRUCT };
    }),
    RestartSubsystem: unary((_request, principal) => done(projections.restart(principal))),
    Statistics: statistics(projections),
  };
}

function unary(work: (request: NamedReq, principal: Principal) => Promise<object>) {
  return (call: ServerUnaryCall<NamedReq, object>, callback: sendUnaryData<object>): void => {
    void answer(work(call.request, principalOf(call)), callback);
  };
}

function statistics(projections: Projections) {
  return (call: ServerWritableStream<StatisticsReq, object>): void => {
    tell(projections, call).then(
      () => call.end(),
      (error: unknown) => call.emit("error", refusalOf(error)),
    );
  };
}

async function tell(projections: Projections, call: ServerWritableStream<StatisticsReq, object>): Promise<void> {
  for (const details of await asked(projections, call.request, principalOf(call))) call.write({ details });
}

/** Who gives a name and no more wants to know of one; who gives an empty one, of all. */
async function asked(projections: Projections, { options }: StatisticsReq, principal: Principal): Promise<readonly ProjectionDetails[]> {
  if (!options)
    throw invalidArgument("The request does not say of which projections. Name one, or say all, continuous, transient or one time.");
  const { name = "", mode = "all" } = options;
  return name === "" ? projections.list(principal, MODES[mode] ?? "all") : [await projections.details(principal, name)];
}

function stop(projections: Projections, request: NamedReq, principal: Principal): Promise<void> {
  const name = nameOf(request);
  return request.options?.write_checkpoint === true ? projections.disable(principal, name) : projections.abort(principal, name);
}

function nameOf({ options }: NamedReq): string {
  return options?.name ?? "";
}

async function done(work: Promise<void>): Promise<object> {
  await work;
  return {};
}
