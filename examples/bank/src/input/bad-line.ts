/** A line of input that is not a command. The message says why. */
export class BadLine extends Error {
  override readonly name = "BadLine";
}
