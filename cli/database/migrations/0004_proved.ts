/** What the contract and tests of a published relation prove of its rows, for generated types. */
export const proved = `
alter table medallion.relations add column proved jsonb not null default '{}';
`;
