import type { SchemaWords } from '../../events/planned.js';
import type { SchemaChange } from './diff.js';

/** A change of a relation's shape, for people. */
export function schemaWords(change: SchemaChange): SchemaWords {
  const list = (columns: readonly string[]) => `(${columns.join(', ')})`;
  switch (change.change) {
    case 'kind':
      return { sign: '~', what: `the ${change.a} becomes a ${change.b}` };
    case 'column_added':
      return { sign: '+', what: `column ${change.column} ${change.type}` };
    case 'column_removed':
      return { sign: '-', what: `column ${change.column} ${change.type}` };
    case 'type':
      return { sign: '~', what: `column ${change.column}: ${change.a} becomes ${change.b}` };
    case 'not_null':
      return {
        sign: '~',
        what: `column ${change.column} ${change.b ? 'may no longer be null' : 'may be null'}`,
      };
    case 'primary_key':
      if (change.a.length === 0) return { sign: '+', what: `primary key ${list(change.b)}` };
      if (change.b.length === 0) return { sign: '-', what: `primary key ${list(change.a)}` };
      return { sign: '~', what: `primary key ${list(change.a)} becomes ${list(change.b)}` };
    case 'unique_added':
      return { sign: '+', what: `unique ${list(change.columns)}` };
    case 'unique_removed':
      return { sign: '-', what: `unique ${list(change.columns)}` };
  }
}
