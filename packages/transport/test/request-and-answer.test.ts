import { expect, it } from "vitest";
import { openVirtualTransport } from "./in-process/virtual-transport.ts";
import { newMessage } from "./new-message.ts";

it("M1: the answer to a command goes to the client that sent it, and to no other", async () => {
  const { transport, test } = openVirtualTransport();
  const answers: string[] = [];
  transport.receive("commands", async ({ id, metadata }) => {
    const { replyTo } = JSON.parse(metadata) as { replyTo: string };
    await transport.send(replyTo, [newMessage(`answer to ${id}`)]);
  });
  for (const client of ["client-1", "client-2"]) transport.receive(client, ({ id }) => answers.push(`${client}: ${id}`));
  await transport.send("commands", [newMessage("c1", { metadata: JSON.stringify({ replyTo: "client-2" }) })]);
  await test.settle();
  expect(answers).toStrictEqual(["client-2: answer to c1"]);
});
