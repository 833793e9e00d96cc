/** What a load asked its source for, where the next one begins, and rows that have left the source. */
export const incrementalLoads = `
alter table medallion.loads
  add column extract      jsonb,
  add column cursor_value text,
  add column deleted      bigint not null default 0;
`;
