import { didYouMean, MedallionError } from '../errors/index.js';
import type { Macros } from './macros.js';
import { builtInHelpers, contextNames, intervalNames } from './render.js';
import type { Template } from './template.js';

/**
 * Helpers and partials that nothing defines are found before anything is rendered.
 * @param template of a model, a policy, a test; `isPartial`: of a macro, which is checked further where it is called
 * @param values the names at the top of the template
 * @throws MedallionError MDL1204, MDL1216
 */
export function checkNames(
  template: Template,
  macros: Macros,
  { isPartial = false, isIncremental = false, values = contextNames as readonly string[] } = {},
): void {
  const callable = [
    ...builtInHelpers,
    ...[...macros].filter(([, macro]) => macro.kind === 'function').map(([name]) => name),
  ];
  const partials = [...macros].filter(([, macro]) => macro.kind === 'partial').map(([name]) => name);
  for (const { name, where, isCall, inBlock } of template.names) {
    if (name === 'incremental' && isCall && !isIncremental && !isPartial)
      throw new MedallionError('MDL1216', {
        message: '{{#incremental}} has a meaning only in a model that is incremental.',
        where,
        hint: 'That is one with materialized: incremental and incremental: { strategy: ... }.',
      });
    if (callable.includes(name) || (!isCall && (inBlock || isPartial || values.includes(name)))) continue;
    if (!isCall && intervalNames.some((known) => known === name))
      throw new MedallionError('MDL1216', {
        message: `{{${name}}} has a meaning only in a model that is filled by time.`,
        where,
        hint: 'That is one with materialized: incremental and incremental: { strategy: time_range, ... }.',
      });
    const hint = partials.includes(name)
      ? `"${name}" is a partial: write {{> ${name} ...}}.`
      : didYouMean(name, isCall ? callable : [...callable, ...values]);
    throw new MedallionError('MDL1204', { message: `Nothing here is named "${name}".`, where, hint });
  }
  for (const { name, where } of template.partials) {
    if (partials.includes(name)) continue;
    const hint = callable.includes(name)
      ? `"${name}" is a function: write {{${name} ...}}.`
      : didYouMean(name, partials);
    throw new MedallionError('MDL1204', {
      message: `There is no partial "${name}" in macros/.`,
      where,
      hint,
    });
  }
}
