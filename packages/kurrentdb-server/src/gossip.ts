import type { sendUnaryData } from "@grpc/grpc-js";
import type { ServerContext } from "./server-context.ts";

const TICKS_PER_MS = 10_000n;

/** Tells clients the members of the cluster: this node, which leads. */
export function gossip({ runtime, instanceId, address, stopping }: ServerContext) {
  return (_call: unknown, callback: sendUnaryData<object>): void => {
    const { host, port } = address();
    const member = {
      instance_id: { string: instanceId },
      time_stamp: String(BigInt(runtime.clock.now()) * TICKS_PER_MS),
      state: stopping.aborted ? "ShuttingDown" : "Leader",
      is_alive: true,
      http_end_point: { address: host, port },
    };
    callback(null, { members: [member] });
  };
}
