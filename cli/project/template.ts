import Handlebars from 'handlebars';
import { MedallionError, type Where } from '../errors/index.js';

/** A `{{ref}}` or `{{source}}` as it stands in a file. */
export interface Reference {
  readonly helper: 'ref' | 'source';
  readonly name: string;
  readonly where: Where;
}

/** A helper call or a plain `{{name}}`. */
export interface NameUse {
  readonly name: string;
  readonly where: Where;
  /** False for a plain `{{name}}`, which may also mean a value of the context. */
  readonly isCall: boolean;
  /** Inside `{{#each}}` or `{{#with}}` the context is not known before it runs. */
  readonly inBlock: boolean;
}

/** A parsed template: what it reads is known without rendering it. */
export interface Template {
  readonly file: string;
  /** As its author wrote it, front matter apart. */
  readonly text: string;
  readonly ast: hbs.AST.Program;
  readonly references: readonly Reference[];
  readonly names: readonly NameUse[];
  readonly partials: readonly { readonly name: string; readonly where: Where }[];
}

export function whereOf(file: string, loc: hbs.AST.SourceLocation): Where {
  return { file, line: loc.start.line, column: loc.start.column + 1 };
}

/**
 * Parses a Handlebars template.
 * @param text with lines as in the file
 * @throws MedallionError MDL1203 (syntax), MDL1204 (a partial whose name is computed), MDL1207 (a reference whose name is)
 */
export function parseTemplate(text: string, file: string): Template {
  let ast: hbs.AST.Program;
  try {
    ast = Handlebars.parse(text, { srcName: file });
  } catch (cause) {
    throw syntaxError(cause, text, file);
  }
  const reader = new TemplateReader(file);
  reader.accept(ast);
  return { file, text, ast, references: reader.references, names: reader.names, partials: reader.partials };
}

class TemplateReader extends Handlebars.Visitor {
  readonly references: Reference[] = [];
  readonly names: NameUse[] = [];
  readonly #partials: { name: string; where: Where }[] = [];
  readonly #inline = new Set<string>();
  #depth = 0;

  constructor(readonly file: string) {
    super();
  }

  /** The partials of other files: one of its own may be defined after its first use. */
  get partials(): Template['partials'] {
    return this.#partials.filter(({ name }) => !this.#inline.has(name));
  }

  override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
    this.#call(mustache);
    super.MustacheStatement(mustache);
  }

  override SubExpression(expression: hbs.AST.SubExpression): void {
    this.#call(expression, true);
    super.SubExpression(expression);
  }

  override BlockStatement(block: hbs.AST.BlockStatement): void {
    this.#call(block, true);
    const name = block.path.type === 'PathExpression' ? (block.path as hbs.AST.PathExpression).original : '';
    const changesContext = name !== 'if' && name !== 'unless' && name !== 'incremental';
    if (changesContext) this.#depth++;
    super.BlockStatement(block);
    if (changesContext) this.#depth--;
  }

  override DecoratorBlock(block: hbs.AST.DecoratorBlock): void {
    const inlineName = block.params[0];
    if (inlineName?.type === 'StringLiteral') this.#inline.add((inlineName as hbs.AST.StringLiteral).value);
    // What it is called with is known at its calls only.
    this.#depth++;
    super.DecoratorBlock(block);
    this.#depth--;
  }

  override PartialStatement(partial: hbs.AST.PartialStatement): void {
    this.#partial(partial);
    super.PartialStatement(partial);
  }

  override PartialBlockStatement(partial: hbs.AST.PartialBlockStatement): void {
    this.#partial(partial);
    super.PartialBlockStatement(partial);
  }

  #partial(partial: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement): void {
    const where = whereOf(this.file, partial.loc);
    if (partial.name.type === 'SubExpression') {
      throw new MedallionError('MDL1204', {
        message: 'The name of a partial cannot be computed.',
        where,
        hint: 'Name the macro literally: {{> my_macro}}.',
      });
    }
    const name = String((partial.name as hbs.AST.PathExpression).original);
    if (name !== '@partial-block') this.#partials.push({ name, where });
  }

  #call(
    node: hbs.AST.MustacheStatement | hbs.AST.SubExpression | hbs.AST.BlockStatement,
    always = false,
  ): void {
    if (node.path.type !== 'PathExpression') return;
    const path = node.path as hbs.AST.PathExpression;
    if (path.data || path.depth > 0 || path.parts.length !== 1 || path.original !== path.parts[0]) return;
    const where = whereOf(this.file, node.loc);
    const isCall = always || node.params.length > 0 || node.hash !== undefined;
    this.names.push({ name: path.original, where, isCall, inBlock: this.#depth > 0 });
    if (path.original === 'ref' || path.original === 'source') this.#reference(path.original, node, where);
  }

  #reference(helper: 'ref' | 'source', node: { params: hbs.AST.Expression[] }, where: Where): void {
    const argument = node.params[0];
    if (node.params.length !== 1 || argument?.type !== 'StringLiteral') {
      throw new MedallionError('MDL1207', { message: `{{${helper}}} takes one name in quotes.`, where });
    }
    this.references.push({ helper, name: (argument as hbs.AST.StringLiteral).value, where });
  }
}

/** Handlebars' parser says `Parse error on line 3:` with a drawing, or `... - 3:7` for mismatched blocks. */
function syntaxError(cause: unknown, text: string, file: string): MedallionError {
  const raw = cause instanceof Error ? cause.message : String(cause);
  const located = cause as { lineNumber?: number; column?: number };
  const drawn = /^(?:Parse|Lexical) error on line (\d+)[^\n]*\n([^\n]*)\n(-*)\^\n?([\s\S]*)$/.exec(raw);
  if (!drawn) {
    const where =
      located.lineNumber === undefined
        ? { file }
        : { file, line: located.lineNumber, column: (located.column ?? 0) + 1 };
    return new MedallionError('MDL1203', {
      message: `The template cannot be parsed: ${raw.replace(/ - \d+:\d+$/, '')}`,
      where,
      cause,
    });
  }
  // The drawing shows up to 20 characters before the place; the last of them tell where in the text it is.
  const shown = drawn[2]!.replace(/^\.\.\./, '');
  const caret = drawn[3]!.length - (drawn[2]!.startsWith('...') ? 3 : 0);
  const lines = text.split('\n');
  const flat = text.replaceAll('\n', '');
  const upToLine = lines.slice(0, Number(drawn[1])).join('').length;
  const at = flat.lastIndexOf(shown, upToLine);
  const where = at < 0 ? { line: Number(drawn[1]), column: 1 } : lineAndColumn(lines, at + caret);
  const expected = /got '(\w+)'/.exec(drawn[4]!)?.[1];
  const found =
    expected === 'EOF' || expected === 'INVALID'
      ? 'the file ends or a character stands where it cannot'
      : `unexpected ${expected ?? 'text'}`;
  return new MedallionError('MDL1203', {
    message: `The template cannot be parsed here: ${found}, after "${shown.slice(0, caret).trimStart()}".`,
    where: { file, ...where },
    cause,
  });
}

/** Finds line and column of an offset that does not count newlines. */
function lineAndColumn(lines: readonly string[], offset: number): { line: number; column: number } {
  let rest = offset;
  for (const [i, line] of lines.entries()) {
    if (rest < line.length || (rest === line.length && i === lines.length - 1))
      return { line: i + 1, column: rest + 1 };
    rest -= line.length;
  }
  return { line: lines.length, column: 1 };
}
