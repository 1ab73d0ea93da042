import { position, version } from "@reactive-domain/core";
import {
  CommandAlreadyApplied,
  connect,
  createInMemoryStore,
  InvalidArgument,
  InvalidToken,
  mergeTokens,
} from "@reactive-domain/foundation";
import { copyStore } from "@reactive-domain/persistence";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, banking, openBank, refusalOf } from "../banking.ts";

const SAFE = /^[A-Za-z0-9._~-]+$/;
const MARK = "abcdefghijklmnop";

describe.each(everyStore)("a token of what was written to $name", ({ open }) => {
  it("is safe text, the same for the same place, and another for another one", async () => {
    const { bank, accounts } = openBank(await open());
    const saved = await accounts.save(accountWith("a-1", 1));
    const token = await bank.tokenOf(saved);
    expect(token).toMatch(SAFE);
    expect(await bank.tokenOf(saved)).toBe(token);
    expect(await bank.tokenOf(await accounts.save(accountWith("a-2", 1)))).not.toBe(token);
  });

  it("is made of what save, saveAll, update and the store itself answer", async () => {
    const { bank, accounts, store } = openBank(await open());
    const results = [
      await accounts.save(accountWith("a-1", 1)),
      await bank.saveAll([accountWith("a-2", 1), accountWith("a-3", 1)]),
      await accounts.update("a-1", (account) => account.deposit(2)),
    ];
    for (const result of results) expect(await bank.tokenOf(result)).toBe(await bank.tokenOf({ position: result.position }));
    const moved = await store.write([{ kind: "checkpoint", name: "c", expected: null, position: position(0) }]);
    expect(await bank.tokenOf(moved)).toBe(mergeTokens());
  });

  it("is of the log, and so the same for all who open the store, and for a copy of it", async () => {
    const { bank, accounts, store } = openBank(await open());
    const saved = await accounts.save(accountWith("a-1", 1));
    const target = createInMemoryStore();
    const copied = connect(banking, target);
    const before = await copied.tokenOf(saved);
    await copyStore(store, target);
    expect(before).not.toBe(await bank.tokenOf(saved));
    expect(await copied.tokenOf(saved)).toBe(await bank.tokenOf(saved));
  });

  it("asks the store for its log once", async () => {
    const { bank, accounts, store } = openBank(await open());
    const saved = await accounts.save(accountWith("a-1", 1));
    const token = await bank.tokenOf(saved);
    await store.close();
    expect(await bank.tokenOf(saved)).toBe(token);
  });
});

describe("a token", () => {
  it("covers nothing when nothing was written, without asking the store", async () => {
    const { bank, accounts, store } = openBank();
    const saved = await accounts.save(new Account("a-1"));
    await store.close();
    const token = await bank.tokenOf(saved);
    expect(token).toMatch(SAFE);
    expect(mergeTokens(token, undefined)).toBe(token);
  });

  it("is made of a command that was applied before", async () => {
    const { bank, accounts } = openBank();
    const saved = await accounts.save(accountWith("a-1", 1));
    const applied = new CommandAlreadyApplied("c-1", "account-a-1", { version: version(0), position: position(0) });
    expect(await bank.tokenOf(applied)).toBe(await bank.tokenOf(saved));
  });

  it("is refused of what tells no position", async () => {
    const { bank } = openBank();
    for (const result of [undefined, null, {}, [], 7, { position: -1 }, { position: 1.5 }, { position: "7" }])
      await expect(bank.tokenOf(result as never)).rejects.toThrow(InvalidArgument);
  });

  it("is refused as one error when it is none, however long", () => {
    const rubbish = [
      "",
      "7",
      "rd1~",
      "rd2",
      "rd1 ",
      "rd1~abc.1",
      `rd1~${MARK}`,
      `rd1~${MARK}.`,
      `rd1~${MARK}.-1`,
      `rd1~${MARK}.01`,
      `rd1~${MARK}.1e3`,
      `rd1~${MARK}.9007199254740992`,
      `rd1~${MARK}.1~`,
      `rd1~${MARK}.1~${MARK}.1`,
      `rd1~${MARK}.1~${MARK}.2`,
      `rd1~b${MARK.slice(1)}.1~a${MARK.slice(1)}.1`,
      `rd1~${MARK}.1\n`,
      "rd1" + `~${MARK}.1`.repeat(10_000),
      tokenOfLogs(65, 1),
      null,
      7,
      {},
      ["rd1"],
    ];
    for (const text of rubbish) {
      const refusal = refusalOf(() => mergeTokens(text as never));
      expect(refusal).toBeInstanceOf(InvalidToken);
      expect(refusal).toMatchObject({ code: "invalid-token", retryable: false });
      expect((refusal as Error).message.length).toBeLessThan(400);
    }
  });

  it("is refused with what is wrong with it", () => {
    const problems = ["rd2", tokenOfLogs(65, 1), "rd1~".padEnd(5_000, "~")].map((text) => refusalOf(() => mergeTokens(text)));
    expect(problems).toMatchObject([
      { details: { token: '"rd2"', problem: "it does not begin with rd1" } },
      { details: { problem: "it names more than 64 logs" } },
      { details: { problem: "it is longer than 2179 characters" } },
    ]);
  });

  it("takes the last position that there can be", () => {
    const last = `rd1~${MARK}.${Number.MAX_SAFE_INTEGER}`;
    expect(mergeTokens(last)).toBe(last);
  });

  it("stays short: one of too many logs is refused", () => {
    const most = tokenOfLogs(64, Number.MAX_SAFE_INTEGER);
    expect(mergeTokens(most)).toBe(most);
    expect(most.length).toBeLessThan(2_200);
    expect(() => mergeTokens(most, `rd1~${MARK}.1`)).toThrow(InvalidArgument);
  });
});

function tokenOfLogs(logs: number, last: number): string {
  return ["rd1", ...Array.from({ length: logs }, (_, index) => `${String(index).padStart(16, "0")}.${last}`)].join("~");
}
