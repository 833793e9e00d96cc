import { inLanguage } from './language.ts';
import { project } from './project.ts';

/** What a column is called for people: by `serve.labels`, or else by its name without underscores. */
export function labelOf(column: string): string {
  const labels = project.value?.labels ?? {};
  return Object.hasOwn(labels, column) ? inLanguage(labels[column]!) : column.replaceAll('_', ' ');
}
