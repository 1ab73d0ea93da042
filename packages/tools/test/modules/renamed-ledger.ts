import { createStreamNameBuilder } from "@reactive-domain/foundation";

export { ledger, projections } from "./ledger.ts";

/** Streams of another name than the context's. */
export const connectOptions = { streamNames: createStreamNameBuilder({ prefix: "books" }) };
