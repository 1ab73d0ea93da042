import { ReactiveDomainError } from "@reactive-domain/core";

/** Subscribers of a property set it anew whenever they are told, without an end. What was set last stays. Have them come to rest. */
export class PropertyUnsettled extends ReactiveDomainError {
  static readonly code = "property-unsettled";

  constructor(rounds: number) {
    super(
      PropertyUnsettled.code,
      `Subscribers of a property have set it anew ${rounds} times in a row while they were told of it, and this value was not set. Have them come to rest.`,
      { details: { rounds } },
    );
  }
}
