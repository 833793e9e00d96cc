/** Functions over the films, of every kind that can be called, and some that cannot. */
export const functions = `
  create function api.add(a int, b int default 10) returns int immutable language sql as 'select a + b';
  comment on function api.add is 'Adds two numbers';
  create function api.numbers(up_to int) returns setof int stable language sql as 'select generate_series(1, up_to)';
  create function api.films_of(year_ int) returns setof api.films stable language sql as 'select * from api.films where year = year_';
  create function api.newest() returns api.films stable language sql as 'select * from api.films order by year desc, id limit 1';
  create function api.pairs(n int) returns table (x int, "Y y" text) stable language sql as $$ select i, 'y' || i from generate_series(1, n) i $$;
  create function api.one_out(n int, out twice int) stable language sql as 'select n * 2';
  create function api.total(variadic v int[]) returns bigint immutable language sql as 'select sum(i) from unnest(v) i';
  create function api.words(list text[], filter jsonb default '{}') returns json immutable language sql as $$ select json_build_object('list', list, 'filter', filter) $$;
  create function api.same(a int) returns text immutable language sql as $$ select 'int' $$;
  create function api.same(b text) returns text immutable language sql as $$ select 'text' $$;
  create function api.same(a int, c int default 1) returns text immutable language sql as $$ select 'two' $$;
  create function api.writes() returns int volatile language sql as 'insert into api.actors values (9, $$x$$) returning id';
  create function api.sneaky() returns int stable language plpgsql as $$ begin execute 'insert into api.actors values (9, ''x'')'; return 1; end $$;
  create function api.unnamed(int) returns int immutable language sql as 'select $1';
  create function api."Olá mundo"("o nome" text) returns text immutable language sql as $$ select 'olá ' || "o nome" $$;
  create function api.nothing() returns text stable language sql as 'select null::text';
  create function api.label(f api.films) returns text immutable language sql as $$ select f.title || ' (' || f.year || ')' $$;
  create function api.words_of(api.plots) returns jsonb stable language sql as $$ select to_jsonb(string_to_array($1.text, ' ')) $$;
  create function api.born_in(d api.directors) returns int stable language sql as $$ select extract(year from d.born)::int $$;
  create function api.secret() returns int stable language sql as 'select 1'; revoke execute on function api.secret from public`;
