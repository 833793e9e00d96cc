import { type Api, config, withApi } from './api.ts';
import { withProject } from './project.ts';
import { createRoles } from './roles.ts';

/** A schema `api` with every kind of relationship, and rows few enough to know by heart. */
export const films = `
  create schema api; create schema hidden;
  create table hidden.directors (id int primary key, name text not null, country text, born date, tags text[] not null default '{}');
  create table api.films (
    id int primary key, title text not null, director_id int constraint films_director_fkey references hidden.directors,
    year int, rating numeric(3,1), info jsonb, seen tstzrange, length interval, is_long boolean, mood text);
  create view api.directors as select id, name, country, born, tags from hidden.directors;
  create view api.long_films as select f.id, f.title as name, f.director_id as by, f.year from api.films f where is_long;
  create table api.plots (film_id int primary key references api.films, text text, words tsvector generated always as (to_tsvector('english', text)) stored);
  create table api.actors (id int primary key, name text not null);
  create table api.roles (film_id int references api.films, actor_id int references api.actors, character text, primary key (film_id, actor_id));
  create table api.employees (id int primary key, name text, manager_id int references api.employees);
  create table api.orders (id int primary key, billing_id int constraint billing references api.employees, shipping_id int constraint shipping references api.employees);
  create table api."Città d'Italia" (id int primary key, "nome, cognome" text, "select" int, "A""b" text, "ação" text);
  comment on table api.films is 'All films';
  insert into hidden.directors values (1, 'Ana Silva', 'PT', '1970-02-03', '{a,b}'), (2, 'Bo Li', null, '1985-11-30', '{b}'), (3, 'Cem', 'TR', null, '{}');
  insert into api.films values
    (1, 'Mar', 1, 1999, 7.5, '{"lang": "pt", "awards": [{"n": 1}, {"n": 2}], "size": 9007199254740993}', '[2024-01-01,2024-02-01)', '90 min', false, 'sad'),
    (2, 'Rio, o', 1, 2004, 8.0, '{"lang": "pt", "awards": []}', '[2024-02-01,2024-03-01)', '2 h', true, null),
    (3, 'Sol "x"', 2, 2010, null, '{"lang": "zh"}', null, null, true, 'happy'),
    (4, 'Lua', null, 2010, 6.1, null, null, '1 day', null, 'happy');
  insert into api.plots values (1, 'A boat sails the sea'), (3, 'The sun rises again');
  insert into api.actors values (1, 'Rui'), (2, 'Mei'), (3, 'Zoe');
  insert into api.roles values (1, 1, 'captain'), (1, 2, 'cook'), (2, 1, 'rower');
  insert into api.employees values (1, 'Boss', null), (2, 'Eva', 1), (3, 'Ivo', 1), (4, 'Uli', 2);
  insert into api.orders values (1, 2, 3), (2, 2, 2);
  insert into api."Città d'Italia" values (1, 'x', 7, 'q', 'á'), (2, 'y, z', 8, 'r', 'é');
  grant usage on schema api to anon; grant select on all tables in schema api to anon;
`;

/** The API of the films, with these settings. */
export function withFilms(settings: string, work: (api: Api) => Promise<void>): Promise<void> {
  return withProject(
    { 'medallion.config.ts': config(`{ schemas: ['api'], ${settings} }`) },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await project.sql.unsafe(films);
      await withApi(project, work);
    },
  );
}
