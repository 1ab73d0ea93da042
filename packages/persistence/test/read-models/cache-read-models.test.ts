import { withRuntime } from "@reactive-domain/core";
import { cacheReadModels, type ChangeOptions, type KeptItem, type RepositoryOf } from "@reactive-domain/persistence";
import { createInMemoryReadModels } from "@reactive-domain/persistence/in-memory";
import { createTestRuntime } from "@reactive-domain/testing";
import { expect, test } from "vitest";
import { account, accountViews, type AccountView } from "./account-views.ts";

type Accounts = RepositoryOf<typeof accountViews>;

/** A repository whose gets and puts wait until they are let through, and which counts the gets. */
class SlowAccounts {
  readonly asked: string[] = [];
  isSlow = false;
  isSlowToPut = false;
  failure: Error | undefined;
  readonly #waiting = { get: [] as (() => void)[], put: [] as (() => void)[] };
  readonly #accounts: Accounts;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  get repository(): Accounts {
    const accounts = this.#accounts;
    return {
      definition: accounts.definition,
      get isClosed() {
        return accounts.isClosed;
      },
      get: (key) => this.#get(key),
      put: (item, options) => this.#put(item, options),
      delete: (key, options) => accounts.delete(key, options),
      query: (listing, options) => accounts.query(listing, options),
    };
  }

  letThrough(which: "get" | "put"): void {
    for (const go of this.#waiting[which].splice(0)) go();
  }

  async #get(key: string): Promise<KeptItem<AccountView> | undefined> {
    this.asked.push(key);
    const kept = await this.#accounts.get(key);
    if (this.isSlow) await this.#wait("get");
    return kept;
  }

  async #put(item: AccountView, options?: ChangeOptions): Promise<{ readonly version: number }> {
    if (this.isSlowToPut) await this.#wait("put");
    const outcome = await this.#accounts.put(item, options);
    if (this.failure !== undefined) throw this.failure;
    return outcome;
  }

  #wait(which: "get" | "put"): Promise<void> {
    return new Promise<void>((resolve) => void this.#waiting[which].push(resolve));
  }
}

async function slowAccounts(): Promise<{ readonly accounts: Accounts; readonly slow: SlowAccounts }> {
  const accounts = await createInMemoryReadModels().repository(accountViews);
  return { accounts, slow: new SlowAccounts(accounts) };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test("what is in the cache is not asked for, also what is known to be missing", async () => {
  const { slow } = await slowAccounts();
  const cached = cacheReadModels(slow.repository);
  await cached.put(account("a-1"));
  await cached.get("a-1");
  expect(await cached.get("a-2")).toBeUndefined();
  expect(await cached.get("a-2")).toBeUndefined();
  expect(slow.asked).toEqual(["a-2"]);
});

test("what others write is seen when the age is reached, and not before", async () => {
  const runtime = createTestRuntime();
  await withRuntime(runtime, async () => {
    const { accounts } = await slowAccounts();
    const cached = cacheReadModels(accounts, { maxAgeMs: 500 });
    await cached.put(account("a-1"));
    await accounts.put(account("a-1", { balanceCents: 5 }));
    await runtime.clock.advanceBy(499);
    expect((await cached.get("a-1"))?.item.balanceCents).toBe(0);
    await runtime.clock.advanceBy(1);
    expect((await cached.get("a-1"))?.item.balanceCents).toBe(5);
  });
});

test("gets of one item that come together ask once, and one that is given up does not end the others", async () => {
  const { accounts, slow } = await slowAccounts();
  await accounts.put(account("a-1"));
  slow.isSlow = true;
  const cached = cacheReadModels(slow.repository);
  const controller = new AbortController();
  const given = cached.get("a-1", { signal: controller.signal });
  const other = cached.get("a-1");
  await turns();
  controller.abort(new Error("given up"));
  await expect(given).rejects.toThrow("given up");
  slow.letThrough("get");
  expect((await other)?.item).toEqual(account("a-1"));
  expect(slow.asked).toEqual(["a-1"]);
});

test("an answer from before a change is not kept when it comes behind it", async () => {
  const { accounts, slow } = await slowAccounts();
  await accounts.put(account("a-1"));
  slow.isSlow = true;
  const cached = cacheReadModels(slow.repository);
  const before = cached.get("a-1");
  await turns();
  await cached.put(account("a-1", { balanceCents: 5 }));
  slow.letThrough("get");
  expect((await before)?.item.balanceCents).toBe(0);
  slow.isSlow = false;
  expect((await cached.get("a-1"))?.item.balanceCents).toBe(5);
  await cached.delete("a-1");
  expect(await cached.get("a-1")).toBeUndefined();
});

test("of changes that meet none is kept, and after a conflict the item is asked for", async () => {
  const { accounts, slow } = await slowAccounts();
  const cached = cacheReadModels(slow.repository);
  await Promise.all([
    cached.put(account("a-1", { balanceCents: 1 })),
    cached.put(account("a-1", { balanceCents: 2 })),
    cached.delete("a-1"),
  ]);
  expect(await cached.get("a-1")).toEqual(await accounts.get("a-1"));
  expect(slow.asked).toEqual(["a-1"]);
  const { version } = await cached.put(account("a-1"));
  await accounts.put(account("a-1", { balanceCents: 9 }));
  await expect(cached.put(account("a-1"), { expectedVersion: version })).rejects.toMatchObject({ code: "wrong-item-version" });
  expect((await cached.get("a-1"))?.item.balanceCents).toBe(9);
});

test("a put that was given up is made unheard, and until then nothing of its item is kept", async () => {
  const { accounts, slow } = await slowAccounts();
  await accounts.put(account("a-1"));
  const cached = cacheReadModels(slow.repository);
  await cached.get("a-1");
  slow.isSlowToPut = true;
  const controller = new AbortController();
  const given = cached.put(account("a-1", { balanceCents: 5 }), { signal: controller.signal });
  await turns();
  controller.abort(new Error("given up"));
  await expect(given).rejects.toThrow("given up");
  expect((await cached.get("a-1"))?.item.balanceCents).toBe(0);
  slow.isSlow = true;
  const before = cached.get("a-1");
  await turns();
  slow.isSlow = false;
  slow.letThrough("get");
  slow.letThrough("put");
  await before;
  await turns();
  expect((await cached.get("a-1"))?.item.balanceCents).toBe(5);
  await cached.get("a-1");
  expect(slow.asked).toHaveLength(3);
});

test("after a put that failed the item is asked for, since it may have been made", async () => {
  const { accounts, slow } = await slowAccounts();
  await accounts.put(account("a-1"));
  const cached = cacheReadModels(slow.repository);
  await cached.get("a-1");
  slow.failure = new Error("connection lost");
  await expect(cached.put(account("a-1", { balanceCents: 5 }))).rejects.toThrow("connection lost");
  expect((await cached.get("a-1"))?.item.balanceCents).toBe(5);
});

test.each([undefined, new Error("connection lost")])(
  "an answer that was asked for during a change is not kept when it comes behind it, whatever came of the change: %s",
  async (failed) => {
    const { accounts, slow } = await slowAccounts();
    await accounts.put(account("a-1"));
    const cached = cacheReadModels(slow.repository);
    slow.isSlow = true;
    slow.isSlowToPut = true;
    slow.failure = failed;
    const put = Promise.allSettled([cached.put(account("a-1", { balanceCents: 5 }))]);
    const during = cached.get("a-1");
    await turns();
    slow.letThrough("put");
    await put;
    slow.isSlow = false;
    slow.letThrough("get");
    expect((await during)?.item.balanceCents).toBe(0);
    await turns();
    expect((await cached.get("a-1"))?.item.balanceCents).toBe(5);
  },
);

test("what is in the cache is not answered after the repository was closed", async () => {
  const models = createInMemoryReadModels();
  const cached = cacheReadModels(await models.repository(accountViews));
  await cached.put(account("a-1"));
  await cached.get("a-1");
  await models.close();
  await expect(cached.get("a-1")).rejects.toMatchObject({ code: "already-closed" });
});

test("who was not asked for longest goes when there are too many", async () => {
  const { slow } = await slowAccounts();
  const cached = cacheReadModels(slow.repository, { maxItems: 2 });
  for (const key of ["a-1", "a-2", "a-1", "a-3", "a-1", "a-2"]) await cached.get(key);
  expect(slow.asked).toEqual(["a-1", "a-2", "a-3", "a-2"]);
});

test.each([{ maxItems: 0 }, { maxAgeMs: 1.5 }, { maxAge: 5 }, null])("the options %o are refused", async (options) => {
  const { accounts } = await slowAccounts();
  expect(() => cacheReadModels(accounts, options as object)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
});
