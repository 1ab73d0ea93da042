import { createInterface } from "node:readline";
import { ConsumerDesk } from "./consumer-desk.ts";
import type { ConsumerOrders } from "./consumer-protocol.ts";
import { tell } from "./tell.ts";

const lines = createInterface({ input: process.stdin });
// It does not outlive its parent.
lines.once("close", () => process.exit(1));
lines.once("line", (line) => {
  const desk = new ConsumerDesk(JSON.parse(line) as ConsumerOrders);
  lines.on("line", (more) => desk.addReplayed(JSON.parse(more) as readonly string[]));
  desk.run().catch((error: unknown) => {
    tell({ kind: "fault", what: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exit(1);
  });
});
