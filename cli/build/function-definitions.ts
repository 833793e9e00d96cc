import { createHash } from 'node:crypto';
import type { Queryable } from '../database/connect.js';

interface Definition {
  readonly oid: string;
  readonly name: string;
  /** What it does, as text. */
  readonly source: string;
  /** All that it is. */
  readonly hash: string;
}

/**
 * Hashes of user-defined functions: each of its own definition and of those of the user-defined functions whose names stand as words in its source, and so on,
 * as nothing records what a body calls that is a string. A word that happens to be a function's name costs a rebuild that was not needed; a name that is put
 * together while the function runs is not seen.
 * @param wanted their oids; nothing is asked for none
 * @returns by oid
 */
export async function definitionHashes(
  sql: Queryable,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  if (wanted.size === 0) return new Map();
  const all = await readDefinitions(sql);
  const names = namesOf(all);
  const named = new Map<Definition, readonly Definition[]>();
  const namedBy = (definition: Definition) => {
    const known = named.get(definition) ?? namesIn(definition.source, names);
    named.set(definition, known);
    return known;
  };
  return new Map(
    all
      .filter(({ oid }) => wanted.has(oid))
      .map((definition) => {
        const reached = new Set([definition]);
        // What is added to a set while it is walked comes in its turn.
        for (const one of reached) for (const other of namedBy(one)) reached.add(other);
        const hash = createHash('sha256').update(
          [...reached]
            .map((one) => one.hash)
            .sort()
            .join('\n'),
        );
        return [definition.oid, hash.digest('base64url')];
      }),
  );
}

const word = /[\p{L}\p{N}_$]+/gu;

interface Names {
  readonly words: ReadonlyMap<string, readonly Definition[]>;
  /** Names that are no words, as quotes show them. */
  readonly others: readonly (readonly [quoted: string, Definition])[];
}

function namesOf(all: readonly Definition[]): Names {
  const words = new Map<string, Definition[]>();
  const others: [string, Definition][] = [];
  for (const definition of all) {
    const name = folded(definition.name);
    const known = words.get(name);
    if (name.replaceAll(word, '') !== '') others.push([name.replaceAll('"', '""'), definition]);
    else if (known) known.push(definition);
    else words.set(name, [definition]);
  }
  return { words, others };
}

function namesIn(source: string, { words, others }: Names): readonly Definition[] {
  const text = folded(source);
  return [
    ...[...new Set(text.match(word))].flatMap((name) => words.get(name) ?? []),
    ...others.flatMap(([quoted, definition]) => (text.includes(quoted) ? [definition] : [])),
  ];
}

/** As Postgres folds a name without quotes. */
function folded(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** All functions that users made and that a function can call: those of triggers are left out. */
function readDefinitions(sql: Queryable): Promise<Definition[]> {
  return sql<Definition[]>`
    select p.oid::text,
           p.proname as name,
           concat_ws(' ', p.prosrc, pg_get_function_sqlbody(p.oid), pg_get_function_arguments(p.oid), to_json(g)) as source,
           encode(sha256(convert_to(json_build_array(
             n.nspname, p.proname, l.lanname, p.prokind, p.provolatile, p.proisstrict, p.proretset, p.prosecdef, p.proconfig,
             pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.prosrc, p.probin, pg_get_function_sqlbody(p.oid), to_json(g)
           )::text, getdatabaseencoding())), 'base64') as hash
      from pg_proc p
      join pg_namespace n on n.oid = p.pronamespace
      join pg_language l on l.oid = p.prolang
      left join pg_aggregate g on g.aggfnoid = p.oid
     where n.nspname not in ('pg_catalog', 'information_schema')
       and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
       and not exists (
             select from pg_depend d
              where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e')`;
}
