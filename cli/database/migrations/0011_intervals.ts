/** Which intervals of models that are filled by time have been filled. Ranges that touch are one row, so there are few, whatever the grain. */
export const intervals = `
create table medallion.intervals (
  project   text not null,
  node      text not null,
  starts_at timestamptz not null,
  ends_at   timestamptz not null check (ends_at > starts_at),
  run_id    bigint,
  built_at  timestamptz not null default now(),
  primary key (project, node, starts_at)
);
comment on table medallion.intervals is 'which intervals of models that are filled by time have been filled, as ranges that do not touch';
comment on column medallion.intervals.run_id is 'the latest run that has filled a part of the range; the history may have forgotten it';
`;
