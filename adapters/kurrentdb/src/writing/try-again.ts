import { sleep } from "@reactive-domain/core";
import { StoreUnavailable } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import { isRefusal } from "../connection/kurrent-failure.ts";

const MOST_TRIES = 10;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/** Does what was refused again, since somebody else has written meanwhile; told how often it was refused before. Errors: `store-unavailable` where it is refused each time. */
export async function tryAgain<T>(connection: Connection, work: (refusals: number) => Promise<T>): Promise<T> {
  const { runtime, name, closing } = connection;
  for (let refusals = 0; ; refusals++) {
    try {
      return await work(refusals);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (refusals + 1 === MOST_TRIES || closing.aborted) {
        const problem = `has refused a write ${refusals + 1} times, as others write to the same place; try it again later`;
        throw new StoreUnavailable(name, problem, { retryable: true, cause: error });
      }
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** refusals, LONGEST_PAUSE_MS);
      await sleep(pauseMs * (0.5 + runtime.chance.next() / 2), { runtime });
    }
  }
}
