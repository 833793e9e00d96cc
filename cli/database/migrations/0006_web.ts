/** What the web app, `mdl runs` and triggers read: every event of a run, why it began, and what each node is. */
export const web = `
alter table medallion.runs
  add column cause               text not null default 'by hand',
  add column options             jsonb not null default '{}',
  add column retry_of            bigint references medallion.runs,
  add column cancel_requested_at timestamptz,
  add column cancel_requested_by text;
comment on column medallion.runs.cause is 'what began it: by hand, schedule <name>, trigger <name>, web, retry';
comment on column medallion.runs.options is 'what to run again with: select, exclude, load, models, publish, fullRefresh, since, limit';
comment on column medallion.runs.cancel_requested_at is 'somebody asked for its end; the run looks each second';

alter table medallion.run_nodes add column attempts integer not null default 1;
create index run_nodes_by_node on medallion.run_nodes (node, run_id desc);

alter table medallion.relations add column charts json not null default '[]';
comment on column medallion.relations.charts is 'what dashboards show of it, as it was declared when it was published';

create table medallion.run_events (
  run_id bigint not null references medallion.runs,
  seq    integer not null,
  at     timestamptz not null,
  event  json not null,
  primary key (run_id, seq)
);
comment on table medallion.run_events is 'what the run told, in its order: the union Event of cli/events; progress is thinned out';

create table medallion.definitions (
  project    text not null,
  node       text not null,
  hash       text not null,
  definition json not null,
  run_id     bigint references medallion.runs on delete set null,
  defined_at timestamptz not null default now(),
  primary key (project, node)
);
comment on table medallion.definitions is 'each node as its latest run knew it, a published model as it was published: documentation, SQL, columns, lineage';
comment on column medallion.definitions.hash is 'of what the definition was made from: it is made and written anew only when that has changed';

create table medallion.triggers (
  project     text not null,
  trigger     text not null,
  seen        jsonb not null default '{}',
  fired_at    timestamptz,
  begun_at    timestamptz,
  alive_at    timestamptz,
  finished_at timestamptz,
  status      text check (status in ('running', 'rerunning', 'succeeded', 'failed', 'interrupted', 'timed out', 'crashed', 'busy')),
  attempts    integer not null default 0,
  run_id      bigint references medallion.runs on delete set null,
  primary key (project, trigger)
);
comment on column medallion.triggers.seen is 'what the trigger had seen when it fired: files by path; signed bodies of a webhook, for five minutes';
comment on column medallion.triggers.begun_at is 'what fired later than this waits for a run of its own';
comment on column medallion.triggers.alive_at is 'whoever carries it out says so again and again';
comment on column medallion.triggers.status is 'rerunning: it was running when its daemon was killed, and is run once more';

alter table medallion.occurrences
  drop constraint occurrences_status_check,
  add constraint occurrences_status_check check (status in ('running', 'succeeded', 'failed', 'interrupted', 'timed out', 'crashed', 'overlap', 'missed', 'busy', 'overtaken'));
comment on column medallion.occurrences.status is 'overlap: the run before was still going on; missed: nobody was there; busy: another run of the project went on; overtaken: interrupted by the next';

create index loads_by_run on medallion.loads (run_id);
create index occurrences_by_run on medallion.occurrences (run_id);
create index runs_by_origin on medallion.runs (retry_of) where retry_of is not null;
`;
