import type { Where } from '../errors/index.js';
import { type Template, whereOf } from './template.js';

/** A piece of rendered SQL and where it comes from. */
export interface RenderedSpan {
  readonly text: string;
  readonly where: Where;
  /** True where the text stands in the file as it is, so that a place inside it can be named exactly. */
  readonly literal: boolean;
}

// Marks that cannot be part of SQL text delimit the spans in what Handlebars returns.
const open = '\u0001';
const close = '\u0002';

const instrumented = new WeakMap<Template, hbs.AST.Program>();

/** The template's tree with a mark before each statement that tells where the statement stands in the file. */
export function spanAst(template: Template): hbs.AST.Program {
  let ast = instrumented.get(template);
  if (!ast) {
    ast = structuredClone(template.ast);
    markProgram(ast, template.file);
    instrumented.set(template, ast);
  }
  return ast;
}

function markProgram(program: hbs.AST.Program, file: string): void {
  program.body = program.body.flatMap((statement) => {
    const where =
      statement.type === 'ContentStatement'
        ? whereOfContent(statement as hbs.AST.ContentStatement, file)
        : whereOf(file, statement.loc);
    const block = statement as Partial<hbs.AST.BlockStatement>;
    if (block.program) markProgram(block.program, file);
    if (block.inverse) markProgram(block.inverse, file);
    const value = `${open}${JSON.stringify([where, statement.type === 'ContentStatement'])}${close}`;
    const mark = {
      type: 'ContentStatement',
      loc: statement.loc,
      value,
      original: value,
    } as unknown as hbs.AST.ContentStatement;
    return [mark, statement];
  });
}

/** White-space control may have cut the beginning of a text: its place moves by what was cut. */
function whereOfContent(content: hbs.AST.ContentStatement, file: string): Where {
  const original = String(content.original);
  const cut = original.slice(0, Math.max(0, original.indexOf(content.value)));
  return advance(whereOf(file, content.loc), cut);
}

function advance(from: Where, text: string): Where {
  const newlines = text.split('\n').length - 1;
  const column = newlines === 0 ? (from.column ?? 1) + text.length : text.length - text.lastIndexOf('\n');
  return { file: from.file, line: (from.line ?? 1) + newlines, column };
}

/** Takes rendered text with marks apart. */
export function splitSpans(marked: string): RenderedSpan[] {
  return marked
    .split(open)
    .slice(1)
    .map((piece) => {
      const end = piece.indexOf(close);
      const [where, literal] = JSON.parse(piece.slice(0, end)) as [Where, boolean];
      return { text: piece.slice(end + 1), where, literal };
    })
    .filter((span) => span.text !== '');
}

/** Where the character at `offset` (UTF-16 units, from 0) of the joined spans comes from. */
export function locate(spans: readonly RenderedSpan[], offset: number): Where | undefined {
  let start = 0;
  for (const span of spans) {
    if (offset < start + span.text.length)
      return span.literal ? advance(span.where, span.text.slice(0, offset - start)) : span.where;
    start += span.text.length;
  }
  const last = spans.at(-1);
  return last && (last.literal ? advance(last.where, last.text.trimEnd()) : last.where);
}
