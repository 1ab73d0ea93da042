import { withRuntime } from "@reactive-domain/core";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import { createInProcessTransport, type InProcessTransportOptions, type Transport } from "@reactive-domain/transport";

/** An in-process transport, and the time it lives in, which the test moves. */
export interface VirtualTransport {
  readonly transport: Transport;
  readonly test: TestRuntime;
}

/** Opens an in-process transport on a clock that stands still. */
export function openVirtualTransport(options: InProcessTransportOptions = {}, seed = 1): VirtualTransport {
  const test = createTestRuntime({ seed });
  return { test, transport: withRuntime(test.runtime, () => createInProcessTransport(options)) };
}
