/** Runs, loads and published relations: what the foundation needs. */
export const foundation = `
create table medallion.runs (
  run_id       bigint generated always as identity primary key,
  project      text not null,
  command      text not null,
  target       text not null,
  status       text not null default 'running' check (status in ('running', 'succeeded', 'failed', 'interrupted', 'crashed')),
  started_at   timestamptz not null default clock_timestamp(),
  finished_at  timestamptz,
  published_at timestamptz,
  mdl_version  text not null,
  host         text not null,
  pid          integer not null,
  selection    text,
  counts       jsonb,
  error        jsonb
);
create index runs_by_project on medallion.runs (project, run_id desc);

create table medallion.run_nodes (
  run_id       bigint not null references medallion.runs,
  node         text not null,
  kind         text not null check (kind in ('load', 'model', 'test')),
  materialized text,
  status       text not null check (status in ('succeeded', 'unchanged', 'failed', 'skipped', 'interrupted')),
  finished_at  timestamptz not null default clock_timestamp(),
  duration_ms  double precision not null default 0,
  rows         bigint,
  tests        jsonb not null default '[]',
  error        jsonb,
  primary key (run_id, node)
);

create table medallion.loads (
  load_id      bigint generated always as identity primary key,
  run_id       bigint not null references medallion.runs,
  project      text not null,
  bronze_table text not null,
  source       text not null,
  strategy     text not null check (strategy in ('replace', 'append', 'upsert')),
  status       text not null default 'running' check (status in ('running', 'loaded', 'unchanged', 'failed', 'interrupted', 'resumed')),
  started_at   timestamptz not null default clock_timestamp(),
  finished_at  timestamptz,
  fingerprint  jsonb,
  read         bigint not null default 0,
  inserted     bigint not null default 0,
  updated      bigint not null default 0,
  unchanged    bigint not null default 0,
  rejected     bigint not null default 0,
  error        jsonb
);
create index loads_by_table on medallion.loads (project, bronze_table, load_id desc);
comment on column medallion.loads.status is 'resumed: interrupted, and gone on with by a later load, which counts its batches';
comment on column medallion.loads.fingerprint is 'identifies the content that was read and the settings it was read with';

create table medallion.load_batches (
  load_id      bigint not null references medallion.loads,
  batch        integer not null,
  first_row    bigint not null,
  read         integer not null,
  inserted     integer not null default 0,
  updated      integer not null default 0,
  unchanged    integer not null default 0,
  rejected     integer not null default 0,
  bytes        bigint not null,
  position     jsonb,
  committed_at timestamptz not null default clock_timestamp(),
  primary key (load_id, batch)
);
comment on column medallion.load_batches.position is 'where in the source the next batch begins';

create table medallion.rejected_rows (
  load_id      bigint not null references medallion.loads,
  bronze_table text not null,
  source       text not null,
  line         bigint,
  reason       text not null,
  raw          text,
  rejected_at  timestamptz not null default clock_timestamp()
);
create index rejected_rows_by_load on medallion.rejected_rows (load_id);

create table medallion.relations (
  project      text not null,
  node         text not null,
  schema_name  text not null,
  table_name   text not null,
  kind         text not null check (kind in ('table', 'view')),
  fingerprint  text,
  data_version bigint not null default 1,
  published_at timestamptz not null default now(),
  run_id       bigint not null references medallion.runs,
  owned        jsonb not null default '{}',
  primary key (project, node),
  unique (schema_name, table_name)
);
comment on column medallion.relations.owned is 'indexes, constraints, comments and grants that Medallion made: all others are carried over at a publish';

create table medallion.test_failures (
  run_id       bigint not null references medallion.runs,
  test         text not null,
  node         text not null,
  failed_row   jsonb not null,
  stored_at    timestamptz not null default now()
);
create index test_failures_by_run on medallion.test_failures (run_id, test);
`;
