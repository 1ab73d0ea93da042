export type { DeadLetter } from "./dead-letter.ts";
export type { InProcessTransportOptions } from "./in-process/in-process-transport-options.ts";
export { createInProcessTransport } from "./in-process/in-process-transport.ts";
export type { TransportMessage } from "./transport-message.ts";
export type { DeliveryContext, ReceiveOptions, Receiver, Transport, TransportCallOptions, TransportHandler } from "./transport.ts";
