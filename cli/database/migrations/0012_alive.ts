/**
 * Which runs go on. Unlogged on purpose: a crash of the server empties the table, and a run that does not find itself here knows that what was committed without
 * waiting for the disk may be gone. https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED
 */
export const alive = `
create unlogged table medallion.alive (
  run_id bigint primary key
);
comment on table medallion.alive is 'runs that go on; unlogged, so that a crash of the server shows';
`;
