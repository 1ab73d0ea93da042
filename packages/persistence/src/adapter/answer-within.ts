import { unlessAborted } from "@reactive-domain/core";
import type { MaybePromise } from "./driver.ts";

/**
 * What a driver answers to a question, or the signal's reason as soon as that aborts: a store that hangs keeps nobody who has given up. Its late answer is thrown away.
 */
export async function answerWithin<T>(answer: MaybePromise<T>, signal: AbortSignal | undefined): Promise<T> {
  return answer instanceof Promise ? unlessAborted(answer, signal) : answer;
}
