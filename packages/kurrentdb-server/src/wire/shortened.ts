/** Text that has at most so many bytes when it is percent-encoded, and is well-formed: of a longer one its beginning and its end, where an error says what to do. */
export function shortened(text: string, maxBytes: number): string {
  let short = text.toWellFormed();
  for (let kept = Math.min(maxBytes, text.length); encodeURI(short).length > maxBytes; kept = Math.floor(kept * 0.8)) {
    const end = Math.floor(kept / 3);
    short = `${text.slice(0, kept - end)} ... ${text.slice(text.length - end)}`.toWellFormed();
  }
  return short;
}
