import { eventStoreCases } from "@reactive-domain/testing/conformance";
import { expect, test } from "vitest";
import { CASES_NEEDING } from "../../src/conformance/needed-traits.ts";

test("every case that is said to rely on something is there, and requires it", () => {
  for (const [capability, names] of Object.entries(CASES_NEEDING)) {
    const requiring = eventStoreCases.filter(({ requires = [] }) => requires.some((one) => one === capability)).map(({ name }) => name);
    expect(requiring.toSorted()).toEqual(names.toSorted());
  }
});
