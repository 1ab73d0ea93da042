import type { HandlerFacts } from "../middleware/middleware.ts";

/** What a bus handles, by whom, and which steps are around it. */
export interface BusDescription {
  /** In alphabetical order of their types. */
  readonly handlers: readonly HandlerFacts[];
  /** The names of its steps, the outermost first. */
  readonly middleware: readonly string[];
}
