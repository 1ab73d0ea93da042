import { AssertionError } from "node:assert";

const OPERATOR = "specification";

/** How a specification is broken. */
export interface Failure {
  /** What was specified, as `Account: after 2 events, account.withdraw(5)`. */
  readonly title: string;
  readonly problem: string;
  /** What is shown below, under headings. */
  readonly sections?: Readonly<Record<string, string>>;
  readonly actual?: unknown;
  readonly expected?: unknown;
  readonly cause?: unknown;
}

/** An assertion that any test runner shows, with a difference where there are two sides. */
export function failure({ title, problem, sections = {}, cause, ...sides }: Failure): AssertionError {
  const shown = Object.entries(sections).map(([heading, text]) => `${heading}:\n${text}`);
  const message = [`${title}: ${problem}`, ...shown].join("\n");
  const error = new AssertionError({ message, operator: OPERATOR, ...sides });
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** Whether an error was made by {@link failure}. */
export function isFailure(error: unknown): error is AssertionError {
  return error instanceof AssertionError && error.operator === OPERATOR;
}
