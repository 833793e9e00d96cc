import { MedallionError } from '../../errors/index.js';
import type { Graph } from '../../graph/node.js';
import type { NodeName } from '../../project/model.js';
import { startOf } from '../../project/moment.js';

/** An interval that somebody wants filled again, as it was written: without an offset it is in the time zone of each model. */
export interface AskedInterval {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * `--from` and `--to`.
 * @param models those that the run covers
 * @returns undefined: nobody asks
 * @throws MedallionError MDL1004
 */
export function askedInterval(
  {
    from,
    to,
    fullRefresh,
    retry,
  }: AskedInterval & { readonly fullRefresh?: boolean | undefined; readonly retry?: object | undefined },
  models: readonly NodeName[],
  graph: Graph,
): AskedInterval | undefined {
  if (from === undefined && to === undefined) return undefined;
  const wrong = (message: string, hint: string) => new MedallionError('MDL1004', { message, hint });
  if (fullRefresh)
    throw wrong('--from and --to fill a part, --full-refresh builds all.', 'Leave out the one or the other.');
  for (const [flag, text] of [
    ['--from', from],
    ['--to', to],
  ] as const)
    if (text !== undefined && millisecondsOf(text) === undefined)
      throw wrong(
        `${flag}: "${text}" is no point in time.`,
        'Write it like 2024-01-31, "2024-01-31 06:00" or 2024-01-31T06:00Z.',
      );
  if (from !== undefined && to !== undefined && millisecondsOf(from)! >= millisecondsOf(to)!)
    throw wrong(
      `--from ${from} is not before --to ${to}.`,
      '--to is where the interval ends, and is not part of it: one day is --from 2024-01-31 --to 2024-02-01.',
    );
  const isFilledByTime = (name: NodeName) => {
    const node = graph.nodes.get(name)!;
    return node.kind === 'model' && node.parsed.model.incremental?.strategy === 'time_range';
  };
  // Those of a run that is taken up again may be done.
  if (!retry && !models.some(isFilledByTime))
    throw wrong(
      'Of the selected models none is filled by time.',
      '--from and --to are for models with incremental: { strategy: time_range }.',
    );
  return { from, to };
}

/** Exact enough to compare two of them: what has no offset is taken for UTC. */
function millisecondsOf(text: string): number | undefined {
  const [, local, offset] = /^(.*?)(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text)!;
  const hasTime = local!.includes(':');
  const start = startOf(hasTime ? local! : text);
  if (start === undefined) return undefined;
  const zone =
    hasTime && offset !== undefined
      ? offset.replace(/^([+-]\d\d)(\d\d)?$/, '$1:$2').replace(/:$/, ':00')
      : 'Z';
  const ms = Date.parse(`${start.replace(' ', 'T')}${hasTime ? '' : 'T00:00'}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}
