import { UnavailableError } from "@eventstore/db-client";
import { developmentCertificates } from "@reactive-domain/kurrentdb-server";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { describe, expect, it, vi } from "vitest";
import { certificates } from "../certificates.ts";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { serve } from "../serve.ts";
import { connectTo, numbered } from "./connect.ts";

describe.each(everyStore)("over TLS a client of $name", ({ open }) => {
  it("writes, reads and follows by the URL that the server tells", async () => {
    const server = await serve(open, { tls: await developmentCertificates(temporaryDirectory()) });
    const client = connectTo(server.url);
    const followed = follow(client.subscribeToStream("account-1"));
    await client.appendToStream("account-1", numbered(3));
    await client.appendToStream("account-1", numbered(1), { credentials: { username: "ann", password: "secret" } });
    expect(await collect(client.readStream("account-1"))).toHaveLength(4);
    await vi.waitFor(() => expect(followed.entries).toHaveLength(4), { timeout: 8_000 });
  });

  it("has its own error where the certificate is for another host, or of another authority", { timeout: 30_000 }, async () => {
    const server = await serve(open, { tls: await certificates({ hosts: ["db.example.com"] }) });
    const { caFile } = await certificates();
    const others = `kurrentdb://localhost:${server.port}?tls=true&tlsCAFile=${encodeURIComponent(caFile)}`;
    for (const url of [server.url, others]) {
      const client = connectTo(url);
      expect(await refusalOf(client.deleteStream("account-1"))).toBeInstanceOf(UnavailableError);
      expect(await refusalOf(collect(client.readStream("account-1")))).toBeInstanceOf(UnavailableError);
    }
  });
});
