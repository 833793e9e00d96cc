import { createHash } from 'node:crypto';
import { maxIdentifierBytes } from '../database/identifiers.js';
import type { Where } from '../errors/index.js';
import { bookkeepingColumns, type SourceNotice } from './source.js';

/** Postgres has columns of these names in every table. @see https://www.postgresql.org/docs/current/ddl-system-columns.html */
const systemColumns = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];
/** What no column of a source can be called: the last two are there while an upsert goes on. */
const reserved = new Set<string>([...bookkeepingColumns, ...systemColumns, 'mdl_batch', 'mdl_line']);

/**
 * Makes bronze column names of a source's: trimmed, not empty, unique, at most 63 bytes, apart from Medallion's own; with a notice for each that had to change.
 * @param where the source names its columns, for the notices
 */
export function columnNames(
  header: readonly string[],
  where?: Where,
): { columns: string[]; notices: SourceNotice[] } {
  const notices: SourceNotice[] = [];
  const taken = new Set<string>();
  const columns = header.map((raw, i) => {
    const wanted = raw.trim();
    let name = wanted === '' ? `column_${i + 1}` : wanted.replaceAll('\u0000', '');
    if (reserved.has(name)) name = `source_${name}`;
    if (Buffer.byteLength(name) > maxIdentifierBytes) name = shorten(name);
    for (let n = 2, base = name; taken.has(name); n++) name = fit(base, `_${n}`);
    taken.add(name);
    if (name !== wanted) {
      const why =
        wanted === ''
          ? 'has no name'
          : taken.has(wanted)
            ? 'stands twice'
            : 'cannot be the name of a bronze column';
      notices.push({
        message: `Column ${i + 1}${wanted === '' ? '' : ` ("${wanted.slice(0, 80)}")`} ${why}; it becomes "${name}".`,
        where,
      });
    }
    return name;
  });
  return { columns, notices };
}

/** The beginning of the name and a hash of all of it. */
function shorten(name: string): string {
  return fit(name, `_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`);
}

/** The name with an ending, cut in front of it so that both have at most 63 bytes. */
function fit(name: string, ending: string): string {
  let cut = name;
  while (Buffer.byteLength(cut + ending) > maxIdentifierBytes) cut = [...cut].slice(0, -1).join('');
  return cut + ending;
}
