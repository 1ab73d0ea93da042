/** Where a source lives. */
export interface SourceHome {
  readonly store: object;
  readonly stream: string;
}
