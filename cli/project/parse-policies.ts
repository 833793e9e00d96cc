import type { Materialization } from '../config/define.js';
import type { Layer } from '../config/options.js';
import { type DeclaredPolicy, declaredPolicies, type PolicyCommand } from '../config/rls.js';
import { MedallionError, type Where } from '../errors/index.js';
import type { FrontMatter } from './front-matter.js';
import type { Policy, PolicyCondition } from './model.js';
import type { modelSchema } from './model-schema.js';
import { parseTemplate } from './template.js';

type ModelFront = FrontMatter<ReturnType<typeof modelSchema.parse>>;

/**
 * Row-level security of a model: its own `rls`, else that of its layer. Only tables can have it; a view of a layer that has it must not be a way around.
 * @param configFile where a layer's policies stand
 * @returns null without row-level security
 * @throws MedallionError MDL1202, MDL1203, MDL1207
 */
export function parsePolicies(
  { value, whereIs }: ModelFront,
  model: { readonly name: string; readonly materialized: Materialization; readonly file: string },
  layer: Layer,
  configFile: string,
): readonly Policy[] | null {
  const own = declaredPolicies(value.rls);
  const { materialized, name } = model;
  if (value.security_invoker && materialized !== 'view')
    throw new MedallionError('MDL1202', {
      message: `security_invoker: ${name} is no view, and only a view is read with the rights of another.`,
      where: whereIs(['security_invoker']),
      hint: 'Take it out; for tables there is rls.',
    });
  if (['table', 'incremental', 'snapshot'].includes(materialized))
    return value.rls === undefined
      ? layer.rls && namePolicies(layer.rls, () => ({ file: configFile }))
      : own && namePolicies(own, (path) => whereIs(['rls', ...path]));
  const isView = materialized === 'view' || materialized === 'materialized_view';
  const isOpen = isView && value.rls === undefined && !value.security_invoker;
  if (own || (layer.rls && isOpen))
    throw new MedallionError('MDL1202', {
      message: `rls: ${name} is ${isView ? `a ${materialized.replace('_', ' ')}` : materialized}; row-level security is for tables${own ? '' : `, and a view shows all rows of those that it reads (rls of the layer ${layer.name})`}.`,
      where: own ? whereIs(['rls']) : { file: model.file, line: 1, column: 1 },
      hint:
        materialized === 'view'
          ? `With security_invoker: true the policies of the tables that it reads hold for whoever reads it${own ? '.' : '; rls: false leaves it open.'}`
          : `Make it a table: materialized: table${isView && !own ? '; rls: false leaves it open' : ''}.`,
    });
  return null;
}

/** Policies get names that nobody else gives, so that those of others can stand beside them. */
function namePolicies(
  declared: readonly DeclaredPolicy[],
  whereIs: (path: readonly PropertyKey[]) => Where,
): readonly Policy[] {
  const counts = new Map<PolicyCommand, number>();
  return declared.map(({ command, to, using, check }) => {
    const place = counts.get(command) ?? 0;
    counts.set(command, place + 1);
    const isListed = declared.filter((other) => other.command === command).length > 1;
    const path = [command, ...(isListed ? [place] : [])];
    const condition = (text: string | undefined, key: string): PolicyCondition | undefined => {
      if (text === undefined) return undefined;
      const where = whereIs([...path, key]);
      // Its lines are those of the file, for errors in the template itself.
      return { template: parseTemplate('\n'.repeat((where.line ?? 1) - 1) + text, where.file), where };
    };
    return {
      name: `mdl_${command}${place === 0 ? '' : `_${place + 1}`}`,
      command,
      roles: to,
      using: condition(using, 'using'),
      check: condition(check, 'check'),
      where: whereIs(path),
    };
  });
}
