import { describe, expect, it } from "vitest";
import { Passwords } from "../../src/users/passwords.ts";

describe("passwords", () => {
  it("are recognised by what is kept of them, with a salt of their own", { timeout: 30_000 }, async () => {
    const passwords = new Passwords();
    const kept = await passwords.keep("correct horse");
    expect(kept.salt).not.toBe((await passwords.keep("correct horse")).salt);
    expect(await passwords.isRight("correct horse", kept)).toBe(true);
    expect(await passwords.isRight("correct hors", kept)).toBe(false);
    expect(await passwords.isRight("", undefined)).toBe(false);
  });

  it("are checked two at once, 64 wait, and of more each is told to try again", { timeout: 120_000 }, async () => {
    const passwords = new Passwords();
    const answers = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.isRight("guess", undefined)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(66);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused.map(({ reason }) => (reason as Error).message)).toEqual(
      Array.from({ length: 14 }, () => "The server is checking as many passwords as it can. Try again."),
    );
    expect(await passwords.isRight("guess", undefined)).toBe(false);
  });
});
