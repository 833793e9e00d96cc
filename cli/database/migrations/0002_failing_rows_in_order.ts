/** Failing rows keep the order of their columns, which jsonb does not. */
export const failingRowsInOrder = `
alter table medallion.test_failures alter column failed_row type json;
alter table medallion.run_nodes
  alter column tests drop default,
  alter column tests type json,
  alter column tests set default '[]';
`;
