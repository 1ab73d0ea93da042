/**
 * JSON text on one line, otherwise verbatim, so that numbers keep all their digits; `undefined` when it is not JSON. Line breaks stand only between the tokens of
 * JSON, never inside.
 */
export function jsonOnOneLine(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return text.trim().replaceAll(/[\r\n]/g, " ");
}
