import { ReactiveDomainError } from "@reactive-domain/core";
import type { Scalar } from "@reactive-domain/messaging";
import type { ExpectedItemVersion } from "./read-model-repository.ts";

/** An item of a read model is not as its writer believed. Nothing was written. Get it again, and decide again. */
export class WrongItemVersion extends ReactiveDomainError {
  static readonly code = "wrong-item-version";
  /** Of the read model. */
  readonly readModel: string;
  readonly key: Readonly<Record<string, Scalar>>;
  readonly expected: ExpectedItemVersion;
  /** The version of the item; `null` where there is none. */
  readonly actual: number | null;

  constructor(
    readModel: string,
    key: Readonly<Record<string, Scalar>>,
    { expected, actual }: { readonly expected: ExpectedItemVersion; readonly actual: number | null },
  ) {
    const wanted = expected === "none" ? "not to exist" : `at version ${expected}`;
    super(
      WrongItemVersion.code,
      `The item ${JSON.stringify(key)} of ${readModel} was expected ${wanted}, but ${actual === null ? "does not exist" : `is at version ${actual}`}. ` +
        "Nothing was written. Get it again, and decide again.",
      { retryable: true, details: { readModel, key, expected, actual } },
    );
    this.readModel = readModel;
    this.key = key;
    this.expected = expected;
    this.actual = actual;
  }
}

/** What is kept under the name and schema version of a read model was made by another definition. Nothing was done. Count its `schemaVersion` up. */
export class ReadModelRedefined extends ReactiveDomainError {
  static readonly code = "read-model-redefined";

  constructor(readModel: string, where: string, { defined, kept }: { readonly defined: string; readonly kept: string }) {
    super(
      ReadModelRedefined.code,
      `${readModel} in ${where} was made with ${kept}, and is defined with ${defined}. Nothing was done. ` +
        "Count its schemaVersion up (and the version of a projection that makes it), and fill it anew; or take back what was changed.",
      { details: { readModel, where, defined, kept } },
    );
  }
}
