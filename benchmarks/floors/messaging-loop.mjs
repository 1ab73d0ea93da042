// The floor of the queues: a loop over an array that awaits an asynchronous handler for each message, one after another.

/**
 * @template M
 * @param {readonly M[]} messages
 * @param {(message: M) => Promise<void>} handler
 */
export async function handleAll(messages, handler) {
  for (const message of messages) await handler(message);
}
