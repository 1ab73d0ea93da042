export function isAsyncIterable<T>(answer: unknown): answer is AsyncIterable<T, unknown> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}
