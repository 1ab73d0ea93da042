/**
 * The first line in which a text is not what it should be.
 *
 * @param {string} actual
 * @param {string} expected
 * @returns {{ line: number, expected: string } | undefined} `undefined` when it is
 */
export function differenceOf(actual, expected) {
  if (actual === expected) return undefined;
  const [is, should] = [actual.split("\n"), expected.split("\n")];
  const index = should.findIndex((line, at) => line !== is[at]);
  return index === -1
    ? { line: should.length + 1, expected: "the end of the page" }
    : { line: index + 1, expected: JSON.stringify(should[index]) };
}
