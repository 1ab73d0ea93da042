import { validate } from "../validation.ts";
import type { Middleware } from "./middleware.ts";
import { named } from "./named.ts";
import { refuseUncalled } from "./step-factory.ts";

const step: Middleware = named("validation", (message, _context, next) => {
  validate(message);
  return next();
});

/**
 * Holds a message against its schema at this place among the steps. A bus of commands or queries does so before the first step unless it is given this one; a bus
 * of events does it with this step only. Errors: `invalid-message`.
 *
 * It takes nothing. The parameter has the compiler refuse the factory itself in a list of steps.
 */
export function validation(_nothing?: never): Middleware {
  return step;
}

refuseUncalled(validation);

export function isValidation(other: Middleware<never>): boolean {
  return other === step;
}
