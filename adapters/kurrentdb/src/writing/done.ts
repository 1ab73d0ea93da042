import type { WriteResult } from "@reactive-domain/persistence";

/** The outcome of a write without an append. */
export const DONE: WriteResult = { position: null, streams: [], repeated: false };
