/** The category of a stream: the text of its name before the first dash, or all of it. */
export function categoryOf(stream: string): string {
  const dash = stream.indexOf("-");
  return dash === -1 ? stream : stream.slice(0, dash);
}
