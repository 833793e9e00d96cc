import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { describeIssue, formatPath, MedallionError, type Where } from '../errors/index.js';

/** A SQL file taken apart: the YAML of its leading comment and the template below it. */
export interface SplitFile {
  /** Undefined when the file has no front matter. */
  readonly yaml: string | undefined;
  /** Line of the file on which `yaml` begins, from 1. */
  readonly yamlLine: number;
  /** The template; front matter is replaced by as many newlines, so that lines are those of the file. */
  readonly template: string;
}

const leadingComment = /^\uFEFF?\s*\/\*---[^\S\n]*\n([\s\S]*?)\n?[^\S\n]*---\*\//;

/**
 * Splits front matter from the SQL below it.
 * @throws MedallionError MDL1201 when the comment is opened and not closed
 */
export function splitFrontMatter(text: string, file: string): SplitFile {
  const normalized = text.replaceAll('\r\n', '\n');
  const match = leadingComment.exec(normalized);
  if (!match) {
    if (/^\uFEFF?\s*\/\*---/.test(normalized)) {
      throw new MedallionError('MDL1201', {
        message: 'The front matter is opened with /*--- and never closed with ---*/.',
        where: { file, line: 1, column: 1 },
      });
    }
    return { yaml: undefined, yamlLine: 1, template: normalized.replace(/^\uFEFF/, '') };
  }
  const before = normalized.slice(0, normalized.indexOf('/*---')).split('\n').length;
  const lines = match[0].split('\n').length - 1;
  return {
    yaml: match[1]!,
    yamlLine: before + 1,
    template: '\n'.repeat(lines) + normalized.slice(match[0].length),
  };
}

/** Checked front matter, and where in the file each part of it stands. */
export interface FrontMatter<Value> {
  readonly value: Value;
  whereIs(path: readonly PropertyKey[]): Where;
}

/**
 * Parses and checks front matter.
 * @param knownKeys the settings valid at a path, for suggestions
 * @throws MedallionError MDL1201 (not YAML), MDL1202 (a setting is wrong)
 */
export function parseFrontMatter<Schema extends z.ZodType>(
  split: SplitFile,
  file: string,
  schema: Schema,
  knownKeys: (path: readonly PropertyKey[]) => readonly string[],
): FrontMatter<z.output<Schema>> {
  const lineCounter = new LineCounter();
  const document = parseDocument(split.yaml ?? '', { lineCounter, prettyErrors: false });
  const place = (offset: number): Where => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: line + split.yamlLine - 1, column: col };
  };
  const broken = document.errors[0];
  if (broken)
    throw new MedallionError('MDL1201', {
      message: `The front matter is not valid YAML: ${broken.message}`,
      where: place(broken.pos[0]),
    });

  const whereIs = (path: readonly PropertyKey[]): Where => {
    let node: unknown = document.contents;
    let offset = 0;
    for (const [i, key] of path.entries()) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
        if (!pair) break;
        offset = (pair.key as { range?: [number, number, number] | null }).range?.[0] ?? offset;
        node = pair.value;
      } else {
        const next = document.getIn(path.slice(0, i + 1), true) as
          | { range?: [number, number, number] | null }
          | undefined;
        if (!next?.range) break;
        offset = next.range[0];
        node = next;
      }
    }
    return place(offset);
  };

  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    throw new MedallionError('MDL1201', {
      message: `The front matter cannot be read: ${(cause as Error).message}`,
      where: { file, line: split.yamlLine },
      cause,
    });
  }
  // A parser that zod compiles pays only for many values.
  const checked = schema.safeParse(raw, { jitless: true });
  if (!checked.success) {
    const issue = describeIssue(checked.error, knownKeys);
    throw new MedallionError('MDL1202', {
      message: `${formatPath(issue.path) || 'front matter'}: ${issue.message}`,
      where: whereIs(issue.path),
      hint: issue.hint,
    });
  }
  return { value: checked.data, whereIs };
}
