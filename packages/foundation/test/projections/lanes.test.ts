import { createInMemoryReadModels, createProjections, sleep, type ReadModels } from "@reactive-domain/foundation";
import { expect, test } from "vitest";
import { openWith, virtually } from "../listeners/noted.ts";
import { balancesWith } from "./balances.ts";

test(
  "a generation is there only when the last of its lanes has committed what it has done of the history",
  virtually(async () => {
    const { bank } = await openWith(5);
    const views = createInMemoryReadModels();
    const held = withHeldCommits(views);
    const projections = createProjections(bank, views, [balancesWith()], { lanes: 2, onStopped: () => undefined });
    const rebuilding = projections.of("balances").rebuild({ compare: true });
    while (held.waiting === 0) await sleep(10);
    await sleep(1_000);
    expect((await views.projections.find("balances"))?.generations).toMatchObject([{ status: "live" }, { status: "building" }]);
    held.release();
    expect(await rebuilding).toMatchObject({ generation: 2, handled: 5, isSwapped: true });
    await projections.close();
  }),
);

/** Commits of events wait until they are released. */
function withHeldCommits({ projections }: ReadModels) {
  const commit = projections.commit.bind(projections);
  let waiting = 0;
  let release = () => undefined as void;
  const released = new Promise<void>((resolve) => (release = resolve));
  projections.commit = async (one, options) => {
    if (one.handled > 0) {
      waiting++;
      await released;
    }
    await commit(one, options);
  };
  return {
    get waiting() {
      return waiting;
    },
    release,
  };
}
