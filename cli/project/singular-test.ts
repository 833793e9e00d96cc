import type { Where } from '../errors/index.js';
import { parseFrontMatter, splitFrontMatter } from './front-matter.js';
import type { NodeName } from './model.js';
import { singularTestSchema } from './model-schema.js';
import { parseTemplate, type Template } from './template.js';

/** A file of `tests/`: a query that returns the rows that break a rule. */
export interface SingularTest {
  /** `test.<file name>` */
  readonly name: NodeName;
  readonly file: string;
  readonly description: string | undefined;
  readonly severity: 'error' | 'warn';
  readonly errorIf: string | undefined;
  readonly warnIf: string | undefined;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  readonly where: Where;
  readonly template: Template;
}

/**
 * Parses one file of `tests/`.
 * @throws MedallionError MDL1201, MDL1202, MDL1203
 */
export function parseSingularTest(text: string, file: string): SingularTest {
  const split = splitFrontMatter(text, file);
  const { value } = parseFrontMatter(split, file, singularTestSchema, (path) =>
    path.length === 0 ? Object.keys(singularTestSchema.shape) : [],
  );
  return {
    name: `test.${file.slice(file.lastIndexOf('/') + 1, -'.sql'.length)}` as NodeName,
    file,
    description: value.description,
    severity: value.severity,
    errorIf: value.error_if,
    warnIf: value.warn_if,
    tags: value.tags,
    enabled: value.enabled,
    where: { file, line: 1, column: 1 },
    template: parseTemplate(split.template, file),
  };
}
