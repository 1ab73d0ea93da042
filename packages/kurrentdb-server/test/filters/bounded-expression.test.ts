import { expect, test } from "vitest";
import { BoundedExpression } from "../../src/filters/bounded-expression.ts";

/** Texts over which the process is held up once, for longer than an expression may take, as on a machine that is busy with others. */
class HeldUp extends Set<string> {
  #wasHeldUp = false;

  override [Symbol.iterator](): SetIterator<string> {
    if (!this.#wasHeldUp) {
      this.#wasHeldUp = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    }
    return super[Symbol.iterator]();
  }
}

test("an expression is given no blame for the time in which others had the processor", () => {
  expect(new BoundedExpression("^[^$]").matching(new HeldUp(["account-1", "$stats", "account-2"]))).toEqual(
    new Set(["account-1", "account-2"]),
  );
});

test("an expression that takes too long is given up, and the next one is not", () => {
  expect(() => new BoundedExpression("^(a+)+$").matching(new Set([`${"a".repeat(40)}!`]))).toThrow("took longer than");
  expect(new BoundedExpression("^(a+)+$").matching(new Set(["aaa", "b"]))).toEqual(new Set(["aaa"]));
});
