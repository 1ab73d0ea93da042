import { requiring } from "./conformance-case.ts";
import type { Guarantee } from "./guarantee.ts";
import { transferCopyCases } from "./transfer-copy-cases.ts";
import { transferProgressCases } from "./transfer-progress-cases.ts";
import { transferRefusalCases } from "./transfer-refusal-cases.ts";

/** What a store promises to those who move its log elsewhere. */
export const transferGuarantees: readonly Guarantee[] = [
  {
    id: "copies",
    promise:
      "A copy is the same log, continued elsewhere: positions, versions, times, ids and tokens are those of its source, and it goes on as the source would have.",
    cases: requiring(["transfer"], transferCopyCases),
  },
  {
    id: "copying",
    promise:
      "A copy may be stopped anywhere and goes on from there; what is taken twice changes nothing. It comes out as its source was at one moment, and nobody changes it before.",
    cases: requiring(["transfer"], transferProgressCases),
  },
  {
    id: "copy-refusals",
    promise:
      "A store takes a copy only where it is empty, or a copy of the same log that nobody has changed. What is refused leaves it as it was.",
    cases: requiring(["transfer"], transferRefusalCases),
  },
];
