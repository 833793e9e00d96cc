import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, type Relation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import type { Model } from '../../project/model.js';

/** What becomes of the columns of an incremental model. */
export type Columns =
  /** They are those that are published; `lacking`: new rows have nothing in these. */
  | { readonly kind: 'same'; readonly names: readonly string[]; readonly lacking: readonly Column[] }
  /** They change: all rows are written anew, as these expressions over `p`, what is published, and `n`, a new row. */
  | { readonly kind: 'changed'; readonly columns: readonly Mapped[] }
  /** Published values cannot be taken over. */
  | { readonly kind: 'rebuild' };

interface Mapped {
  readonly name: string;
  readonly published: string;
  readonly fresh: string;
}

interface Column {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
}

interface Pair {
  readonly published: Column | null;
  readonly fresh: Column | null;
  /** Values of the published type are ones of the new type, as they are. */
  readonly isWider: boolean;
}

/**
 * Compares the columns of new rows with the published ones.
 * @throws MedallionError MDL4011: they differ, and may not
 */
export async function meetPublished(
  sql: Sql,
  model: Model,
  published: Relation,
  fresh: Relation,
): Promise<Columns> {
  const pairs = await readPairs(sql, published, fresh);
  const gained = pairs.filter((pair) => !pair.published);
  const lost = pairs.filter((pair) => !pair.fresh);
  const retyped = pairs.filter(
    (pair) => pair.published && pair.fresh && pair.published.type !== pair.fresh.type,
  );
  const mode = model.incremental!.onSchemaChange;
  if (
    mode === 'append'
      ? retyped.length > 0
      : mode === 'fail' && gained.length + lost.length + retyped.length > 0
  )
    throw new MedallionError('MDL4011', {
      message: `${model.name}: ${describe(gained, lost, retyped)}.`,
      where: model.incremental!.where,
    });
  const kept = mode === 'sync' ? [] : lost;
  const names = pairs.flatMap((pair) => pair.published?.name ?? []);
  if (gained.length + lost.length + retyped.length === kept.length)
    return { kind: 'same', names, lacking: kept.map((pair) => pair.published!) };
  if (retyped.some(({ isWider }) => !isWider)) return { kind: 'rebuild' };
  return {
    kind: 'changed',
    columns: pairs
      .filter((pair) => pair.fresh || mode !== 'sync')
      .map((pair) => {
        const { name, type } = (pair.fresh ?? pair.published)!;
        const value = (alias: string, side: Column | null) =>
          `${side ? `${alias}.${quoteIdentifier(name)}` : 'null'}::${type}`;
        return { name, published: value('p', pair.published), fresh: value('n', pair.fresh) };
      }),
  };
}

function describe(gained: readonly Pair[], lost: readonly Pair[], retyped: readonly Pair[]): string {
  const list = (columns: readonly Pair[]) =>
    columns.map(({ published, fresh }) => `"${(published ?? fresh)!.name}"`).join(', ');
  return [
    ...(gained.length > 0 ? [`the select has gained ${list(gained)}`] : []),
    ...(lost.length > 0 ? [`the select has lost ${list(lost)}`] : []),
    ...retyped.map(({ published: was, fresh: is }) => `"${was!.name}" was ${was!.type} and is ${is!.type}`),
  ].join('; ');
}

/** In the order of the published ones, new ones behind. */
async function readPairs(sql: Sql, published: Relation, fresh: Relation): Promise<readonly Pair[]> {
  return sql<Pair[]>`
    with columns as (
      select n.nspname as schema, c.relname as relation, a.attname as name, a.attnum as place, a.atttypid as base, a.atttypmod as modifier,
             json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) as shown
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where a.attnum > 0 and not a.attisdropped
         and ((n.nspname = ${published.schema} and c.relname = ${published.name}) or (n.nspname = ${fresh.schema} and c.relname = ${fresh.name}))
    )
    select p.shown as published, f.shown as fresh,
           coalesce(case when p.base = f.base then f.modifier = -1
                    else f.modifier = -1 and exists (
                           select from pg_cast k join pg_type s on s.oid = k.castsource join pg_type t on t.oid = k.casttarget
                            where k.castsource = p.base and k.casttarget = f.base and k.castcontext = 'i' and s.typcategory = t.typcategory
                              -- Floating point loses digits of other numbers, and which moment a local time was depends on who asks.
                              and (t.oid not in ('float4'::regtype, 'float8'::regtype, 'timestamptz'::regtype) or s.oid = 'float4'::regtype)) end,
                    false) as "isWider"
      from (select * from columns where schema = ${published.schema} and relation = ${published.name}) p
      full join (select * from columns where schema = ${fresh.schema} and relation = ${fresh.name}) f using (name)
     order by p.place nulls last, f.place`;
}
