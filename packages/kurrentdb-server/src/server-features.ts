import type { sendUnaryData, ServiceDefinition } from "@grpc/grpc-js";

/** The release of KurrentDB whose protocol the server speaks. */
export const PROTOCOL_VERSION = "26.1.0";

/** Tells clients what they may call. */
export function getSupportedMethods(services: readonly ServiceDefinition[]) {
  const methods = services.flatMap((service) =>
    Object.values(service).map(({ path }) => {
      const [, service_name, method_name] = path.toLowerCase().split("/");
      return { method_name, service_name, features: method_name === undefined ? [] : featuresOf(service_name, method_name) };
    }),
  );
  return (_call: unknown, callback: sendUnaryData<object>): void =>
    callback(null, { methods, event_store_server_version: PROTOCOL_VERSION });
}

/** Older persistent subscriptions were to streams alone, and clients ask. */
function featuresOf(service: string | undefined, method: string): readonly string[] {
  const isOfSubscriptions = service === "event_store.client.persistent_subscriptions.persistentsubscriptions";
  return isOfSubscriptions && method !== "restartsubsystem" ? ["stream", "all"] : [];
}
