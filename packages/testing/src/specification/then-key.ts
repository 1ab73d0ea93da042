/**
 * The name of the last word of a specification. It makes an outcome something to await, which is meant: awaited without an expectation, it rejects. Linters warn of a `then`
 * that is written out.
 */
export const THEN = "then";
