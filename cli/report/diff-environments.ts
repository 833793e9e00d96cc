import type { ComparedModel, EnvironmentDiff } from '../build/diff/index.js';
import { onOneLine } from '../text/controls.js';
import { plural } from '../text/format.js';
import { modelLines } from './plan.js';
import type { TableOptions } from './table.js';

/** How what two targets have published differs, for people. */
export function environmentDiffLines(diff: EnvironmentDiff, table: TableOptions): string[] {
  const { style } = table;
  const [a, b] = [onOneLine(diff.a), onOneLine(diff.b)];
  const differing = diff.models.filter(({ isEqual }) => !isEqual).length;
  const apart =
    diff.models.length === 0
      ? 'the same in all'
      : `${plural(diff.models.length, 'relation')} apart, ${differing === 0 ? 'none' : differing} of them ${differing === 1 ? 'differs' : 'differ'}; ${diff.shared} are the same`;
  return [
    `${style.bold(a)} and ${style.bold(b)}: ${apart}`,
    ...diff.models.flatMap((model) => [
      '',
      ...shown(model, { a, b }, table).map((line) => (line === '' ? line : `  ${line}`)),
    ]),
  ];
}

function shown(
  model: ComparedModel,
  { a, b }: { readonly a: string; readonly b: string },
  table: TableOptions,
): string[] {
  const { style } = table;
  const kind = model.materialized === 'table' ? [] : [model.materialized.replaceAll('_', ' ')];
  const how = [...kind, ...(model.why === undefined ? [] : [model.why])].join(', ');
  const isNew = model.missing === 'a';
  const lines = modelLines({ ...model, isNew }, how, table, { before: a, after: b });
  switch (model.missing) {
    case undefined:
      return lines;
    case 'a':
      return [...lines, style.dim(`  not in ${a}`)];
    case 'b':
      return [...lines, style.yellow(`  not built in ${b} yet`)];
    case 'both':
      return [...lines, style.yellow(`  built in neither yet`)];
  }
}
