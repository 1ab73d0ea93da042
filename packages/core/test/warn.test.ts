import { describe as shown, textOf, warn } from "@reactive-domain/core";
import { describe, expect, it, vi } from "vitest";

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function throwing(name: string): object {
  return Object.defineProperty(new Error("x"), name, {
    get() {
      throw new Error(`No ${name} for you.`);
    },
  });
}

const UNPRINTABLE: readonly (readonly [unknown, string])[] = [
  [Object.assign(new Error("x"), { message: Symbol("s") }), "an instance of Error"],
  [Object.assign(new Error("x"), { name: 5 }), "x"],
  [throwing("message"), "an instance of Error"],
  [throwing("stack"), "x"],
  [revoked(), "a value that cannot be looked at"],
  [null, "null"],
  [undefined, "undefined"],
  [Object.create(null), "an object"],
];

describe("what was thrown", () => {
  it("is told as a warning of the process, whatever it is", async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): number => warnings.push(message);
    process.on("warning", onWarning);
    try {
      for (const [thrown] of UNPRINTABLE) warn(thrown);
      warn(new Error("as it is"));
      await vi.waitFor(() => expect(warnings).toEqual([...UNPRINTABLE.map(([, text]) => text), "as it is"]));
    } finally {
      process.off("warning", onWarning);
    }
  });

  it("has a text, whatever it is", () => {
    for (const [thrown, text] of UNPRINTABLE) expect(textOf(thrown)).toBe(text);
    expect(textOf(new Error("why"))).toBe("why");
    expect(textOf("why")).toBe('"why"');
    expect(shown(revoked())).toBe("a value that cannot be looked at");
  });
});
