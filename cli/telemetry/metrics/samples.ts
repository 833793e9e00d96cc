/** One value of a metric. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string | number>> | undefined;
  readonly value: number;
}

/** A metric without labels: nothing where the value is not known. */
export function known(value: number | null | undefined): readonly Sample[] {
  return value === null || value === undefined ? [] : [{ value }];
}
