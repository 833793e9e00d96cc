/** Which data version of its bronze table a load made: null where it changed no rows. */
export const dataVersions = `
alter table medallion.loads add column data_version bigint;
comment on column medallion.loads.data_version is 'of its bronze table since this load; null: it changed no rows';
`;
