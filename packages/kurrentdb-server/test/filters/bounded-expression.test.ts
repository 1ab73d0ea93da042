import { systemClock } from "@reactive-domain/core";
import { expect, test } from "vitest";
import { BoundedExpression } from "../../src/filters/bounded-expression.ts";
import { SlowExpressions } from "../../src/filters/slow-expressions.ts";

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
  expect(
    new BoundedExpression("^[^$]", new SlowExpressions(systemClock)).matching(new HeldUp(["account-1", "$stats", "account-2"])),
  ).toEqual(new Set(["account-1", "account-2"]));
});

test("an expression that takes too long is given up, and others are not", () => {
  const slow = new SlowExpressions(systemClock);
  const [expression, again] = [new BoundedExpression("^(a+)+$", slow), new BoundedExpression("^(a+)+$", slow)];
  expect(() => expression.matching(new Set([`${"a".repeat(40)}!`]))).toThrow("took longer than");
  expect(() => again.matching(new Set(["aaa"]))).toThrow("took too long before");
  expect(() => new BoundedExpression("^(a+)+$", slow)).toThrow("took too long before");
  expect(new BoundedExpression("^a+$", slow).matching(new Set(["aaa", "b"]))).toEqual(new Set(["aaa"]));
});
