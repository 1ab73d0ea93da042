import { Fenced, ProjectionChanged, ProjectionNotFound, WrongCheckpoint } from "@reactive-domain/persistence";

/** How long to wait before the record is looked at again: two that take a generation from each other must not do nothing else. */
export const LOOK_AGAIN_MS = 20;

/** Whether the record tells more of an error. A generation that is not found was dropped. */
export function isToLookAgain(error: unknown): boolean {
  return [Fenced, ProjectionChanged, ProjectionNotFound, WrongCheckpoint].some((known) => error instanceof known);
}
