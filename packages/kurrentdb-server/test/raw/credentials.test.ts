import { readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { credentials, status, type Metadata, type ServiceError } from "@grpc/grpc-js";
import gossipServices from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_grpc_pb.js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import featureServices from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { passwordOf, serveSecured, type Secured, type TestUsers } from "../clients/serve-secured.ts";
import { appendEvent, appendOptions, plainAppend } from "./raw-appends.ts";
import { outcomeOf, readAll, readStream } from "./raw-client.ts";
import { authorized, basic, usersAs } from "./raw-users.ts";

const MIB = 1024 * 1024;

async function served(users?: TestUsers): Promise<Secured & { readonly client: InstanceType<typeof services.StreamsClient> }> {
  const store = createInMemoryStore();
  onTestFinished(() => store.close());
  const secured = await serveSecured(store, users);
  return { ...secured, client: streamsOf(secured) };
}

function streamsOf(end: Pick<Secured, "port" | "caFile">): InstanceType<typeof services.StreamsClient> {
  const client = new services.StreamsClient(`127.0.0.1:${end.port}`, sslOf(end), { "grpc.use_local_subchannel_pool": 1 });
  onTestFinished(() => client.close());
  return client;
}

function sslOf({ caFile }: Pick<Secured, "caFile">): ReturnType<typeof credentials.createSsl> {
  return credentials.createSsl(readFileSync(caFile));
}

/** What a read with a header comes to: `read`, or the status and its words. */
async function readWith(client: InstanceType<typeof services.StreamsClient>, metadata?: Metadata): Promise<string> {
  const { error } = await outcomeOf(metadata === undefined ? client.read(readStream("a")) : client.read(readStream("a"), metadata));
  return error === undefined ? "read" : `${status[error.code]} ${error.details}`;
}

function base64(text: string | Buffer): string {
  return Buffer.from(text).toString("base64");
}

describe("a header authorization", () => {
  it.each([
    ["of another scheme", "Bearer abc"],
    ["without a scheme", base64("ann:password-of-ann")],
    ["that is empty", ""],
    ["that is no base64", "Basic ann:password-of-ann"],
    ["without a colon", `Basic ${base64("ann")}`],
    ["without a name", `Basic ${base64(":password-of-ann")}`],
    ["that is no UTF-8", `Basic ${base64(Buffer.from([0xff, 0x3a, 0x61]))}`],
    ["that is long", `Basic ${base64(`ann:${"x".repeat(4_000)}`)}`],
  ])("%s is refused as unauthenticated, whatever the call", async (_what, authorization) => {
    const { client } = await served({ ann: [] });
    const answer = await readWith(client, authorized(authorization));
    expect(answer).toMatch(/^UNAUTHENTICATED The header authorization .*\.$/);
    expect(answer).not.toContain("password-of-ann");
  });

  it("is taken in any case, and with a password that has colons and other letters", async () => {
    const { client, ...end } = await served({});
    expect(await usersAs(end, "admin", passwordOf("admin")).create("zoë", "a:b:ü🦆")).toBe("done");
    expect(await readWith(client, authorized(basic("zoë", "a:b:ü🦆").replace("Basic", "bAsIC")))).toBe("read");
    expect(await readWith(client, authorized(basic("zoë", "a:b:ü")))).toMatch(/^UNAUTHENTICATED/);
  });

  it("of a megabyte is refused, and the server goes on", async () => {
    const { client, ...end } = await served({ ann: [] });
    expect(await readWith(client, authorized(`Basic ${"A".repeat(MIB)}`))).not.toBe("read");
    expect(await readWith(streamsOf(end), authorized(basic("ann", passwordOf("ann"))))).toBe("read");
  });
});

describe("who gives no name and password", () => {
  it("sees where the server is and what it can, and is denied all else", async () => {
    const { client, ...end } = await served({});
    expect(await plainAppend(client, [appendOptions("a"), appendEvent()])).toBe("7 access-denied");
    expect(await readWith(client)).toMatch(/^PERMISSION_DENIED Who gives no user name and password may not read stream a\./);
    const { error } = await outcomeOf(client.read(readAll()));
    expect(error?.code).toBe(status.PERMISSION_DENIED);
    const target = `127.0.0.1:${end.port}`;
    const gossip = new gossipServices.GossipClient(target, sslOf(end));
    const features = new featureServices.ServerFeaturesClient(target, sslOf(end));
    onTestFinished(() => {
      gossip.close();
      features.close();
    });
    expect(await new Promise((resolve) => gossip.read(new shared.Empty(), (failed: ServiceError | null) => resolve(failed)))).toBeNull();
    expect(
      await new Promise((resolve) => features.getSupportedMethods(new shared.Empty(), (failed: ServiceError | null) => resolve(failed))),
    ).toBeNull();
  });
});

describe("who guesses passwords", () => {
  it(
    "is refused for a while after 20 failures from an address, with any name, while who is known goes on",
    { timeout: 40_000 },
    async () => {
      const { client, ...end } = await served({ ann: [] });
      const right = authorized(basic("ann", passwordOf("ann")));
      expect(await readWith(client, right)).toBe("read");
      const guesses = Array.from({ length: 30 }, (_, index) => readWith(client, authorized(basic("ann", `guess-${index}`))));
      const answers = await Promise.all(guesses);
      // One more is checked for every five seconds that the checks take.
      const checked = answers.filter((answer) => answer.includes("password is wrong")).length;
      expect(checked).toBeGreaterThanOrEqual(20);
      expect(checked).toBeLessThan(26);
      expect(answers.filter((answer) => /^UNAUTHENTICATED Too many attempts .* Try again in \d seconds\.$/.test(answer))).toHaveLength(
        30 - checked,
      );
      expect(await readWith(client, authorized(basic("admin", passwordOf("admin"))))).toMatch(/^UNAUTHENTICATED Too many attempts/);
      expect(await readWith(client, right)).toBe("read");
      expect(await readWith(streamsOf(end), right)).toBe("read");
    },
  );

  it("comes in with a right password, however many others do so from the same address at once", { timeout: 60_000 }, async () => {
    const logins = Array.from({ length: 25 }, (_, index) => `user-${index}`);
    const { client } = await served(Object.fromEntries(logins.map((login) => [login, []])));
    const answers = await Promise.all(logins.map((login) => readWith(client, authorized(basic(login, passwordOf(login))))));
    expect(new Set(answers)).toEqual(new Set(["read"]));
  });

  it("learns from no answer whether there is such a user", async () => {
    const { client, ...end } = await served({ ann: [], bob: [] });
    expect(await usersAs(end, "admin", passwordOf("admin")).disable("bob")).toBe("done");
    const answers = [
      ["ann", "wrong"],
      ["bob", passwordOf("bob")],
      ["eve", "wrong"],
    ].map(([login = "", password = ""]) => readWith(client, authorized(basic(login, password))));
    expect(new Set(await Promise.all(answers)).size).toBe(1);
  });

  it("costs the server the memory of few checks, however many guess at once", { timeout: 60_000 }, async () => {
    const { client } = await served({});
    const names = Array.from({ length: 20 }, (_, index) => readWith(client, authorized(basic(`nobody-${index}`, "guess"))));
    const before = process.memoryUsage().rss;
    expect(new Set(await Promise.all(names)).size).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
  });
});

it("passwords and headers stand in no output and in no error", async () => {
  const output: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((chunk) => output.push(String(chunk)) > 0),
  );
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  const { client, ...end } = await served({ ann: [] });
  const users = usersAs(end, "admin", passwordOf("admin"));
  const secrets = ["S3cret-new", "S3cret-next", "S3cret-wrong", passwordOf("ann"), passwordOf("admin")];
  const told = [
    await users.create("bob", "S3cret-new"),
    await users.create("bob", "S3cret-new"),
    await users.create("a\nb", "S3cret-new"),
    await users.resetPassword("bob", "S3cret-next"),
    await users.changePassword("bob", "S3cret-new", "S3cret-next"),
    await readWith(client, authorized(basic("bob", "S3cret-wrong"))),
    await readWith(client, authorized(`Basic S3cret-wrong`)),
    ...(await users.details()),
  ];
  const socket = connectTls({
    port: end.port,
    host: "127.0.0.1",
    ca: readFileSync(end.caFile),
    servername: "localhost",
    ALPNProtocols: ["http/1.1"],
  });
  socket.write(
    `GET /subscriptions HTTP/1.1\r\nhost: localhost\r\nauthorization: ${basic("bob", "S3cret-wrong")}\r\nconnection: close\r\n\r\n`,
  );
  for await (const chunk of socket) told.push(String(chunk));
  process.off("warning", note);
  for (const spy of spies) spy.mockRestore();
  const all = [...told, ...output, ...warnings.map(({ stack }) => stack)].join("\n");
  expect(told.at(-1)).toContain("401");
  const shown = secrets.flatMap((secret) => [secret, base64(secret), base64(`bob:${secret}`)]).filter((secret) => all.includes(secret));
  expect(shown).toEqual([]);
});
