/** Over how many streams at a time appends go in turn; the number of callers divides it, so that no two write one stream. */
export const STREAMS = 1_024;
/** How many events a stream has when the appends go on to the next ones. */
export const STREAM_EVENTS = 10;
export const TYPE = "AmountDeposited";
export const DATA = { accountId: "account-000001", amountCents: 12_345 };

/**
 * The stream of the append with this number: 1,024 streams in turn until each has about ten events, then the next 1,024.
 *
 * @param {number} append
 * @param {number} eventsPerAppend
 */
export function streamOf(append, eventsPerAppend) {
  const rounds = Math.ceil(STREAM_EVENTS / eventsPerAppend);
  return Math.floor(append / (STREAMS * rounds)) * STREAMS + (append % STREAMS);
}

/**
 * @param {string} category
 * @param {number} stream
 */
export function nameOf(category, stream) {
  return `${category}-${String(stream).padStart(6, "0")}`;
}

/**
 * Runs so many calls, of so many callers, each of which waits for its call before it starts the next, until the time is over.
 *
 * @param {{ calls: number; callers: number; seconds: number }} bounds
 * @param {(index: number) => Promise<void>} call
 * @returns {Promise<{ count: number; ms: number }>}
 */
export async function callEach({ calls, callers, seconds }, call) {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  let count = 0;
  const run = async (caller) => {
    for (let index = caller; index < calls && performance.now() < endMs; index += callers) {
      await call(index);
      count++;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => run(caller)));
  return { count, ms: performance.now() - startMs };
}
