import type { Queryable } from '../../database/connect.js';

/**
 * What a session sets that the result of a query may depend on, by name. Styles of dates and intervals are not among them: every connection sets those.
 * The search path is as it is found: schemas that do not exist are none, and nor is the session's own for temporary objects.
 */
export type Settings = Readonly<Record<string, string>>;

const names = [
  ...[
    'TimeZone',
    'timezone_abbreviations',
    'lc_numeric',
    'lc_monetary',
    'lc_time',
    'default_text_search_config',
  ],
  ...['extra_float_digits', 'bytea_output', 'xmlbinary', 'xmloption', 'transform_null_equals', 'array_nulls'],
];

/** @param sql a session like that in which the models are built */
export async function readSettings(sql: Queryable): Promise<Settings> {
  const [row] = await sql<{ settings: Settings }[]>`
    select (select json_object_agg(name, current_setting(name, true)) from unnest(${names}::text[]) as s (name))::jsonb
           || jsonb_build_object('search_path', (
                select coalesce(string_agg(quote_ident(name), ', ' order by place), '')
                  from unnest(current_schemas(true)) with ordinality as p (name, place) where name !~ '^pg_temp_')) as settings`;
  return row!.settings;
}

/** The name of a setting that has another value now. */
export function changedSetting(before: Settings, now: Settings | undefined): string | undefined {
  return now && [...names, 'search_path'].find((name) => (before[name] ?? null) !== (now[name] ?? null));
}
