/**
 * The borders of models that are filled by time, and what has been filled, in one statement whatever the number of models. Days, and what consists of
 * days, are cut in the model's time zone by Postgres, which knows when the clocks change; an hour is an hour. Points in time are milliseconds since 1970.
 *
 * `$1` is the project, `$2` JSON: `node`, `grain`, `step` (an interval), `zone`, `begin`, `lookback`, `from` and `to` (or null).
 */
export const bordersSql = `
with asked as (
  select m.*, date_trunc(m.grain, now(), m.zone) as "end", d.last, d.done
    from json_to_recordset($2::text::json)
         as m (node text, grain text, step interval, zone text, begin timestamp, lookback int, "from" text, "to" text)
   cross join lateral (
           select max(i.ends_at) as last,
                  coalesce(json_agg(json_build_object('from', ${ms('i.starts_at')}, 'to', ${ms('i.ends_at')})), '[]') as done
             from medallion.intervals i
            where i.project = $1 and i.node = m.node) d
), read as (
  select a.*, ${pointOf('a."from"')} as asked_from, ${pointOf('a."to"')} as asked_to from asked a
)
select node, done, ${ms('"end"')} as "end",
       ${ms(`date_trunc(grain, begin at time zone zone, zone)`)} as begin,
       ${ms(moved('"end"', '1'))} as next,
       ${ms(moved('least(last, "end")', '-lookback'))} as lookback,
       ${ms('date_trunc(grain, asked_from, zone)')} as "askedFrom",
       ${ms(`case when asked_to = date_trunc(grain, asked_to, zone) then asked_to else ${moved('date_trunc(grain, asked_to, zone)', '1')} end`)} as "askedTo"
  from read`;

function ms(point: string): string {
  return `(extract(epoch from ${point}) * 1000)::float8`;
}

/** A point in time as it was written: with an offset it means the same everywhere, without one it is of the model's time zone. */
function pointOf(text: string): string {
  return `case when ${text} ~ '(Z|[+-]\\d\\d(:?\\d\\d)?)$' and ${text} ~ ':' then ${text}::timestamptz else ${text}::timestamp at time zone a.zone end`;
}

/** So many grains later. Where the clocks skip midnight, a day begins at one o'clock, and the next one does not. */
function moved(point: string, grains: string): string {
  return `case when grain = 'hour' then ${point} + (${grains}) * step
          else date_trunc(grain, (${point} at time zone zone + (${grains}) * step) at time zone zone, zone) end`;
}

/**
 * Points in time as literals that mean the same as a `timestamptz`, and as a `timestamp` or a `date` the local time of the zone. `$1` is the zone,
 * `$2` JSON: milliseconds since 1970.
 */
export const literalsSql = `
select quote_literal(to_char(p.local, 'YYYY-MM-DD HH24:MI:SS')
         || case when p.offset < '0' then '-' || to_char(-p.offset, 'HH24:MI:SS') else '+' || to_char(p.offset, 'HH24:MI:SS') end) as literal
  from json_array_elements_text($2::text::json) with ordinality as e (ms, place)
 cross join lateral (select to_timestamp(e.ms::float8 / 1000) as at) t
 cross join lateral (select t.at at time zone $1 as local, t.at at time zone $1 - t.at at time zone 'UTC' as offset) p
 order by e.place`;
