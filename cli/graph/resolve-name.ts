import type { Options } from '../config/options.js';
import { didYouMean, MedallionError, type Where } from '../errors/index.js';
import type { NodeName } from '../project/model.js';

export type Resolve = (helper: 'ref' | 'source', name: string, where?: Where) => NodeName;

/**
 * Makes the function that finds the node a name means: `layer.name`, a bare name where only one layer has it,
 * or for `source` the bronze table that is loaded from it.
 */
export function nameResolver(names: readonly NodeName[], options: Options): Resolve {
  const known = new Set<string>(names);
  const bare = new Map<string, NodeName[]>();
  for (const name of names) {
    const short = name.slice(name.indexOf('.') + 1);
    bare.set(short, [...(bare.get(short) ?? []), name]);
  }
  const bySource = new Map([...options.bronze.values()].map((table) => [table.from, table.node as NodeName]));

  return (helper, name, where) => {
    if (helper === 'source') {
      const found = bySource.get(name);
      if (found) return found;
      throw new MedallionError('MDL1301', {
        message: `No bronze table is loaded from "${name}".`,
        where,
        hint: didYouMean(name, bySource.keys()),
      });
    }
    if (known.has(name)) return name as NodeName;
    const candidates = bare.get(name) ?? [];
    if (candidates.length === 1) return candidates[0]!;
    if (candidates.length > 1) {
      throw new MedallionError('MDL1302', {
        message: `"${name}" may mean ${candidates.join(' or ')}.`,
        where,
      });
    }
    throw new MedallionError('MDL1301', {
      message: `There is no model or bronze table "${name}".`,
      where,
      hint: didYouMean(name, names),
    });
  };
}
