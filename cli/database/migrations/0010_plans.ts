/** What `mdl plan` has staged, tested and kept for `mdl publish`. */
export const plans = `
create table medallion.plans (
  project  text not null,
  run_id   bigint not null,
  status   text not null check (status in ('open', 'published', 'discarded', 'outdated')),
  made_at  timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text,
  plan     json not null,
  primary key (project, run_id)
);
create unique index plans_open on medallion.plans (project) where status = 'open';
comment on table medallion.plans is 'what mdl plan has staged and tested, for mdl publish; at most one of a project is open, and its relations are in the stage';
comment on column medallion.plans.run_id is 'the run that made it';
comment on column medallion.plans.ended_by is 'the command because of which it is not open any more';
comment on column medallion.plans.plan is 'what is to be published, on what it was made, and what it would change';
`;
