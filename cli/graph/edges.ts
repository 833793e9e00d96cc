import type { Options } from '../config/options.js';
import { MedallionError, type Where } from '../errors/index.js';
import type { Macros } from '../project/macros.js';
import { type NodeName, policyConditions } from '../project/model.js';
import type { ParsedModel } from '../project/parse-model.js';
import type { Reference, Template } from '../project/template.js';
import type { CheckedTest } from '../tests/index.js';
import type { Resolve } from './resolve-name.js';

/** A model reads a parent, here. */
export interface Edge {
  readonly parent: NodeName;
  readonly where: Where;
}

/** What a model reads: in its template, as targets of its foreign keys, and in the conditions of its policies. */
export function modelEdges({ model, template }: ParsedModel, macros: Macros, resolve: Resolve): Edge[] {
  const references = allReferences(template, macros).map(({ helper, name, where }) => ({
    parent: resolve(helper, name, where),
    where,
  }));
  const keys = model.contract.foreignKeys
    .map(({ references: name, where }) => ({ parent: resolve('ref', name, where), where }))
    .filter(({ parent }) => parent !== model.name);
  const policies = policyConditions(model)
    .flatMap(({ template: condition, where }) =>
      allReferences(condition, macros).map(({ helper, name }) => ({
        parent: resolve(helper, name, where),
        where,
      })),
    )
    .filter(({ parent }) => parent !== model.name);
  return [...references, ...keys, ...policies];
}

/** @throws MedallionError MDL1303 */
export function refuseUpward(
  { model }: ParsedModel,
  edge: Edge,
  parentLayer: string,
  options: Options,
): void {
  if (options.layers.get(parentLayer)!.rank <= options.layers.get(model.layer)!.rank) return;
  throw new MedallionError('MDL1303', {
    message: `${model.name} (${model.layer}) reads ${edge.parent}, which is in the higher layer ${parentLayer}.`,
    where: edge.where,
  });
}

/** References of a template and of every partial that it uses, directly or through others. */
export function allReferences(
  template: Template,
  macros: Macros,
  seen = new Set<string>(),
): readonly Reference[] {
  return [
    ...template.references,
    ...template.partials.flatMap(({ name }) => {
      const macro = macros.get(name);
      if (macro?.kind !== 'partial' || seen.has(name)) return [];
      return allReferences(macro.template, macros, seen.add(name));
    }),
  ];
}

/** What a test reads beside its own model: models that its argument names, or that its macro refers to. */
export function readsOf(
  test: CheckedTest,
  macros: Macros,
): readonly { helper: 'ref' | 'source'; name: string }[] {
  const named = test.reads.map((name) => ({ helper: 'ref' as const, name }));
  const macro = macros.get(`test_${test.declaration.kind}`);
  return macro?.kind === 'partial' && test.isGeneric
    ? [...named, ...allReferences(macro.template, macros)]
    : named;
}
