import { expect } from "vitest";

/** A password with all that a URL has other uses for. */
export const SECRET = "q9se4x/0zxk7:w3jmq@v8nzk";

/** All that an error says, with what caused it. */
function saidBy(error: unknown): string {
  const { message, stack, details, cause } = error as Error & { readonly details?: unknown };
  const below = cause === undefined ? "" : saidBy(cause);
  return [message, stack, JSON.stringify(details), JSON.stringify(error), below].join("\n");
}

/** What an error is to tell. */
export interface Told {
  readonly code: string;
  readonly retryable: boolean;
  readonly sentence: RegExp;
}

/** Does something that fails, with a clear error in which nothing is that is nobody's business. */
export async function expectError(call: Promise<unknown>, { code, retryable, sentence }: Told): Promise<void> {
  const error = await call.then(
    () => "it went well",
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code, retryable });
  expect((error as Error).message).toMatch(sentence);
  const secrets = [SECRET, encodeURIComponent(SECRET), ...SECRET.split(/[/:@]/)];
  for (const secret of secrets) expect(saidBy(error)).not.toContain(secret);
}

export const unavailable = (sentence: RegExp, retryable: boolean): Told => ({ code: "store-unavailable", retryable, sentence });
export const foreign = (sentence: RegExp): Told => ({ code: "foreign-store", retryable: false, sentence });
