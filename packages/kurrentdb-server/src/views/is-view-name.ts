const PREFIXES = ["$ce-", "$et-"];

/** Whether the server itself makes a stream of this name of the events of others. */
export function isViewName(stream: string): boolean {
  return PREFIXES.some((prefix) => stream.startsWith(prefix));
}
