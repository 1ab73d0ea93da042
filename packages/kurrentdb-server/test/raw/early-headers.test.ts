import { once } from "node:events";
import { connect } from "node:http2";
import { expect, it, onTestFinished } from "vitest";
import { serve } from "./serve.ts";

it("a read is answered by headers before its request is there", async () => {
  const { server } = await serve();
  const session = connect(`http://${server.host}:${server.port}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/event_store.client.streams.Streams/Read",
    "content-type": "application/grpc",
    te: "trailers",
  });
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  expect(headers).toMatchObject({ ":status": 200, "content-type": expect.stringContaining("application/grpc") as string });
  expect(headers).not.toHaveProperty("grpc-status");
});
