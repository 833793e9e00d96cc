import { MedallionError } from '../../errors/index.js';
import type { Model } from '../model.js';
import { checkCharts } from './check.js';
import { kindOfType } from './column-kind.js';

/**
 * Checks charts against the contract; without one, the build checks them against the columns that there are.
 * @throws MedallionError MDL1212
 */
export function checkModelCharts({ name, materialized, charts, contract, whereIs }: Model): void {
  if (charts.length > 0 && materialized === 'ephemeral')
    throw new MedallionError('MDL1212', {
      message: `charts: ${name} is ephemeral, so there is nothing to show.`,
      where: whereIs(['charts']),
      hint: 'Make it a table or a view.',
    });
  const declared = contract.columns?.map(
    (column) => [column.name, column.type === undefined ? undefined : kindOfType(column.type)] as const,
  );
  checkCharts({ model: name, charts, columns: declared ? new Map(declared) : null, whereIs });
}
