import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInMemoryStore } from "@reactive-domain/foundation";
import { expect, it, onTestFinished } from "vitest";
import { openBank, type Bank } from "../src/application/bank.ts";
import { MailFile, type Letter } from "../src/application/mail-file.ts";
import { LARGE_DEPOSIT_CENTS } from "../src/application/mailer.ts";
import { CloseAccount, Deposit, OpenAccount, Withdraw } from "../src/domain/messages.ts";

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bank-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "mail");
}

async function linesOf(file: string): Promise<readonly string[]> {
  return (await readFile(file, "utf8")).split("\n").slice(0, -1);
}

async function textsOf(file: string): Promise<readonly string[]> {
  return (await linesOf(file)).map((line) => (JSON.parse(line) as Letter).text);
}

async function someBusiness({ commands }: Bank): Promise<void> {
  await commands.send(new OpenAccount({ accountId: "a", owner: "Ann" }));
  await commands.send(new Deposit({ accountId: "a", amountCents: LARGE_DEPOSIT_CENTS }));
  await commands.send(new Deposit({ accountId: "a", amountCents: LARGE_DEPOSIT_CENTS - 1 }));
  await commands.send(new Withdraw({ accountId: "a", amountCents: 2 * LARGE_DEPOSIT_CENTS - 1 }));
  await commands.send(new CloseAccount({ accountId: "a" }));
}

it("large deposits and closed accounts are worth a letter each, once", async () => {
  const [store, file] = [createInMemoryStore(), await newFile()];
  for (const expected of [2, 0]) {
    await using mail = await MailFile.open(file);
    await using bank = await openBank(store, { mail });
    await someBusiness(bank);
    await bank.startMailing();
    await bank.caughtUp();
    expect(mail.written).toBe(expected);
    expect((await bank.report()).at(-1)).toMatchObject({ name: "mailer", lag: { events: 0 }, parked: 0 });
  }
  expect((await textsOf(file)).toSorted()).toEqual([`${LARGE_DEPOSIT_CENTS} cents were paid in.`, "Your account is closed."]);
});

it("a letter that is there is not written again, whoever wrote it", async () => {
  const file = await newFile();
  await using one = await MailFile.open(file);
  await using other = await MailFile.open(file);
  const letters = Array.from({ length: 1_000 }, (_, index) => ({
    id: `id-${index}`,
    accountId: "a",
    text: `letter ${index} ${"é".repeat(100)}`,
  }));
  await Promise.all(letters.map((letter) => one.send(letter)));
  await Promise.all([...letters, ...letters].map((letter) => other.send(letter)));
  await one.send({ id: "id-1000", accountId: "a", text: "the last" });
  await other.send({ id: "id-1000", accountId: "a", text: "the last" });
  expect([one.written, other.written]).toEqual([1_001, 0]);
  expect(await textsOf(file)).toEqual([...letters.map(({ text }) => text), "the last"]);
});

it("a line that a killed process has left open is ended, and its letter written again", async () => {
  const file = await newFile();
  const letter = { id: "id-1", accountId: "a", text: "hello" };
  const torn = JSON.stringify(letter).slice(0, -5);
  await appendFile(file, torn);
  await using mail = await MailFile.open(file);
  await mail.send(letter);
  await mail.send(letter);
  expect(await linesOf(file)).toEqual([torn, JSON.stringify(letter)]);
});

it("letters that cannot be written are parked, and hold nobody back", async () => {
  const [store, file] = [createInMemoryStore(), await newFile()];
  const mail = await MailFile.open(file);
  await using bank = await openBank(store, { mail });
  await someBusiness(bank);
  await mail[Symbol.asyncDispose]();
  await bank.startMailing();
  await bank.caughtUp();
  const mailer = (await bank.report()).at(-1);
  expect(mailer).toMatchObject({ name: "mailer", lag: { events: 0 }, parked: 2 });
  expect(await linesOf(file)).toEqual([]);
});

it.runIf(process.platform !== "win32")("a device is no mail file", async () => {
  await expect(MailFile.open("/dev/null")).rejects.toMatchObject({ code: "invalid-argument" });
});
