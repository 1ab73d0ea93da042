import { Command, createCommandBus, deduplication, retryOnConflict, validation } from "@reactive-domain/foundation";
import type { BusWork } from "./bus-work.ts";

interface DepositFields {
  readonly accountId: string;
  readonly amount: number;
}

type Verdict = { readonly value: DepositFields } | { readonly issues: readonly { readonly message: string }[] };

/** By hand, so that the steps are measured and not a library of schemas. */
const schema = {
  "~standard": {
    version: 1 as const,
    vendor: "benchmarks",
    validate: (value: unknown): Verdict => {
      const fields = value as DepositFields;
      const isValid = typeof fields.accountId === "string" && typeof fields.amount === "number";
      return isValid ? { value: fields } : { issues: [{ message: "This is no deposit." }] };
    },
    types: undefined as { readonly input: DepositFields; readonly output: DepositFields } | undefined,
  },
};

class Deposit extends Command("Deposit", { schema }) {}

/** One sender of commands that pass validation, retry and deduplication, each with an id of its own. */
export function senderThroughSteps(): BusWork {
  let sum = 0;
  const commands = createCommandBus({ middleware: [validation(), retryOnConflict(), deduplication()] });
  commands.handle(Deposit, async ({ amount }) => void (sum += amount));
  return async (sends) => {
    sum = 0;
    for (let index = 0; index < sends; index++) await commands.send(new Deposit({ accountId: "account-1", amount: 1 }));
    if (sum !== sends) throw new Error(`${sum} of ${sends} commands were handled.`);
  };
}
