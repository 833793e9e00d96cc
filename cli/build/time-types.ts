/** The oids of date, timestamp and timestamptz: types that say when. */
export const timeTypes: ReadonlySet<number> = new Set([1082, 1114, 1184]);
