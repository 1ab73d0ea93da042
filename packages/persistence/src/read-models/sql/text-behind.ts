const LAST_CODE_POINT = 0x10_ffff;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_BEHIND_SURROGATES = 0xe000;

/** The first text, by code point, behind all that begin with a text; `undefined` where there is none. */
export function textBehind(start: string): string | undefined {
  const points = Array.from(start);
  while (points.at(-1) === String.fromCodePoint(LAST_CODE_POINT)) points.pop();
  const last = points.pop()?.codePointAt(0);
  if (last === undefined) return undefined;
  return points.join("") + String.fromCodePoint(last === LAST_BEFORE_SURROGATES ? FIRST_BEHIND_SURROGATES : last + 1);
}
