/** What published results were made from, so that a run builds only what would come out otherwise. */
export const state = `
alter table medallion.relations
  add column inputs     jsonb,
  add column shape      text,
  add column rows_per_s double precision;
comment on column medallion.relations.inputs is 'what the result was made from; null: not known, so it is built again';
comment on column medallion.relations.shape is 'the relation in the catalog as it was published: another one was altered by others';
comment on column medallion.relations.rows_per_s is 'how fast the last publish by delta wrote its rows';
alter table medallion.relations drop constraint relations_kind_check;
alter table medallion.relations add constraint relations_kind_check check (kind in ('table', 'view', 'materialized_view'));

alter table medallion.run_nodes add column reason text;
comment on column medallion.run_nodes.reason is 'why a model was built';

create table medallion.passed_tests (
  project     text not null,
  node        text not null,
  fingerprint text not null,
  run_id      bigint references medallion.runs on delete set null,
  passed_at   timestamptz not null default now(),
  primary key (project, node)
);
comment on table medallion.passed_tests is 'tests that need several relations, and on what they passed last';
`;
