/** Which occurrences of schedules there were, and what became of them. */
export const schedules = `
create table medallion.schedules (
  project       text not null,
  name          text not null,
  handled_until timestamptz not null,
  primary key (project, name)
);
comment on column medallion.schedules.handled_until is 'what came due until then is settled';

create table medallion.occurrences (
  project     text not null,
  schedule    text not null,
  due         timestamptz not null,
  status      text not null check (status in ('running', 'succeeded', 'failed', 'interrupted', 'timed out', 'crashed', 'overlap', 'missed')),
  attempts    integer not null default 0,
  run_id      bigint references medallion.runs,
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (project, schedule, due)
);
comment on column medallion.occurrences.status is 'overlap: the run before was still going on; missed: nobody was there';
`;
