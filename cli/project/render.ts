import Handlebars from 'handlebars';
import { MedallionError, type Where } from '../errors/index.js';
import { callFunction, type MacroDefinition, type Macros } from './macros.js';
import { type RenderedSpan, spanAst, splitSpans } from './source-spans.js';
import type { Template } from './template.js';

/** What a template sees while it is rendered. */
export interface RenderScope {
  /** SQL of the model's own relation. */
  readonly thisRelation: string;
  /** Whether the model is built on top of what is published of it; default: no. */
  readonly isIncremental?: boolean;
  /** SQL for a reference: a quoted relation, or the name of a common table expression for an ephemeral model. */
  resolve(helper: 'ref' | 'source', name: string): string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly target: { readonly name: string };
  /** More names at the top of the template: what a generic test is given. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Renderer {
  /** @throws MedallionError MDL1205, MDL1206 */
  render(template: Template, scope: RenderScope): string;
  /** The same text in spans that know where in which file they come from; for positions in errors. */
  renderSpans(template: Template, scope: RenderScope): readonly RenderedSpan[];
}

/** The helpers that every template has, beside those of Handlebars itself. */
export const builtInHelpers = [
  'ref',
  'source',
  'var',
  'env',
  'incremental',
  'if',
  'unless',
  'each',
  'with',
  'lookup',
] as const;
/** Names at the top of every template. */
export const contextNames = ['this', 'target'] as const;
/** And of models that are filled by time: the interval that is filled, as literals. */
export const intervalNames = ['from', 'to'] as const;

type Environment = typeof Handlebars;
const compileOptions = { noEscape: true, strict: true, preventIndent: true } as const;

/** Makes a renderer that knows these macros. */
export function createRenderer(macros: Macros): Renderer {
  const plain = lazily(() => makeEnvironment(macros, (template) => template.ast));
  const spanned = lazily(() => makeEnvironment(macros, spanAst));
  const compiled = new WeakMap<Template, Handlebars.TemplateDelegate>();
  return {
    render(template, scope) {
      let delegate = compiled.get(template);
      if (!delegate) {
        delegate = plain().compile(template.ast, compileOptions);
        compiled.set(template, delegate);
      }
      return run(delegate, template, scope);
    },
    renderSpans: (template, scope) =>
      splitSpans(run(spanned().compile(spanAst(template), compileOptions), template, scope)),
  };
}

function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function makeEnvironment(macros: Macros, astOf: (template: Template) => hbs.AST.Program): Environment {
  const environment = Handlebars.create();
  environment.unregisterHelper('log');
  environment.registerHelper('ref', (name: string, options: Handlebars.HelperOptions) =>
    options.data.scope.resolve('ref', name),
  );
  environment.registerHelper('source', (name: string, options: Handlebars.HelperOptions) =>
    options.data.scope.resolve('source', name),
  );
  environment.registerHelper(
    'var',
    lookUp('var', (scope) => scope.vars),
  );
  environment.registerHelper(
    'env',
    lookUp('env', (scope) => scope.env),
  );
  environment.registerHelper('incremental', incremental);
  for (const [name, macro] of macros) registerMacro(environment, name, macro, astOf);
  return environment;
}

function registerMacro(
  environment: Environment,
  name: string,
  macro: MacroDefinition,
  astOf: (template: Template) => hbs.AST.Program,
): void {
  if (macro.kind === 'partial') {
    const { template } = macro;
    const compiled = environment.compile(astOf(template), compileOptions);
    environment.registerPartial(name, (context, options) =>
      blaming(template, () => compiled(context, options)),
    );
    return;
  }
  environment.registerHelper(name, (...received: unknown[]) => {
    const options = received.at(-1) as LocatedOptions;
    const named = Object.keys(options.hash).length > 0 ? [options.hash] : [];
    return callFunction(name, macro, [...received.slice(0, -1), ...named], whereOfCall(options));
  });
}

type LocatedOptions = Handlebars.HelperOptions & {
  readonly loc?: hbs.AST.SourceLocation & { source?: string };
  readonly data: { scope: RenderScope };
};

function whereOfCall(options: LocatedOptions): Where | undefined {
  return (
    options.loc && {
      file: options.loc.source ?? '',
      line: options.loc.start.line,
      column: options.loc.start.column + 1,
    }
  );
}

/** `{{#incremental}} on top of what is published {{else}} all of it {{/incremental}}` */
function incremental(this: unknown, ...received: unknown[]): string {
  const options = received.at(-1) as LocatedOptions;
  if (received.length > 1 || typeof options.fn !== 'function')
    throw new MedallionError('MDL1205', {
      message: 'incremental is a block without arguments.',
      where: whereOfCall(options),
      hint: 'Write {{#incremental}} ... {{else}} ... {{/incremental}}.',
    });
  return options.data.scope.isIncremental === true ? options.fn(this) : options.inverse(this);
}

/** `{{var "name" default}} and `{{env "NAME" default}}`. */
function lookUp(helper: 'var' | 'env', valuesOf: (scope: RenderScope) => Readonly<Record<string, unknown>>) {
  return (...received: unknown[]): unknown => {
    const options = received.at(-1) as LocatedOptions;
    const [name, fallback] = received.slice(0, -1);
    if (typeof name !== 'string')
      throw new MedallionError('MDL1205', {
        message: `{{${helper}}} takes a name in quotes.`,
        where: whereOfCall(options),
      });
    const values = valuesOf(options.data.scope);
    const value = Object.hasOwn(values, name) && values[name] !== undefined ? values[name] : fallback;
    if (value === undefined) {
      const hint =
        helper === 'env'
          ? `Set it in the environment, or give a default: {{env "${name}" "default"}}.`
          : undefined;
      throw new MedallionError('MDL1206', {
        message: `${helper === 'env' ? 'The environment variable' : 'The variable'} "${name}" has no value.`,
        where: whereOfCall(options),
        hint,
      });
    }
    return value;
  };
}

function run(delegate: Handlebars.TemplateDelegate, template: Template, scope: RenderScope): string {
  const target = { ...scope.target, toString: () => scope.target.name };
  const context = { ...scope.extra, target, toString: () => scope.thisRelation };
  return blaming(template, () =>
    delegate(context, { data: { scope }, allowProtoPropertiesByDefault: false }),
  );
}

/** Runs a template or a partial; what Handlebars says of a place is meant in its file. */
function blaming(template: Template, render: () => string): string {
  try {
    return render();
  } catch (cause) {
    if (cause instanceof MedallionError) throw cause;
    const { lineNumber, column } = cause as { lineNumber?: number; column?: number };
    const message =
      cause instanceof Error
        ? cause.message.replace(/ - \d+:\d+$/, '').replace(/ not defined in .*$/, ' has no value here')
        : String(cause);
    throw new MedallionError('MDL1205', {
      message,
      where:
        lineNumber === undefined
          ? { file: template.file }
          : { file: template.file, line: lineNumber, column: (column ?? 0) + 1 },
      cause,
    });
  }
}
