/** The oid of timestamptz. */
export const timestamptz = 1184;

/** The oids of date, timestamp and timestamptz: types that say when. */
export const timeTypes: ReadonlySet<number> = new Set([1082, 1114, timestamptz]);
