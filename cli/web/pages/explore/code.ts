import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { identifier } from '../../parts/dialect.ts';
import { orderOf, selectOf, viewAddress } from './request.ts';
import type { Filter, View } from './view.ts';
import { branchesOf, operatorOf, parameterName, writeListed } from './written.ts';

/** Whom the code asks, and how. */
export interface CodeOptions {
  /** `http://127.0.0.1:3000` */
  readonly origin: string;
  /** The schema that is read where a request names none. */
  readonly defaultSchema: string;
  /** Whether the API was read with a key; it is never part of the code. */
  readonly hasKey: boolean;
}

/** A request for a view's rows, for a terminal. */
export function curlCode(view: View, relation: ProjectRelation, options: CodeOptions): string {
  return [
    `curl '${options.origin}${viewAddress(view, relation)}'`,
    ...(relation.schema === options.defaultSchema
      ? []
      : [`-H ${shellText(`accept-profile: ${relation.schema}`)}`]),
    ...(options.hasKey ? ['-H "authorization: Bearer $API_KEY"'] : []),
  ].join(' \\\n  ');
}

/** In single quotes, where everything but they themselves is what it is. */
function shellText(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function fetchCode(view: View, relation: ProjectRelation, options: CodeOptions): string {
  const headers = [
    ...(relation.schema === options.defaultSchema ? [] : [`'accept-profile': ${literal(relation.schema)}`]),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code that is written here
    ...(options.hasKey ? ['authorization: `Bearer ${process.env.API_KEY}`'] : []),
  ];
  const init = headers.length > 0 ? `, {\n  headers: { ${headers.join(', ')} },\n}` : '';
  return `const response = await fetch('${options.origin}${viewAddress(view, relation)}'${init});
const data = await response.json();
`;
}

/** The same by supabase-js. */
export function supabaseCode(view: View, relation: ProjectRelation, options: CodeOptions): string {
  const select = selectOf(view, relation);
  const isMangled = select !== null && losesSpaces(select);
  if (isMangled && view.group) return `${mangling}\n${fetchCode(view, relation, options)}`;
  const { limit, offset } = view;
  const steps = [
    // The client asks for the schema "public" unless it is told another.
    ...(relation.schema === 'public' ? [] : [`schema(${literal(relation.schema)})`]),
    `from(${literal(relation.name)})`,
    isMangled ? `${mangling}\n  .select()` : `select(${select === null ? '' : literal(select)})`,
    ...view.filters.flatMap((filter) => filterSteps(filter, relation)),
    ...orderOf(view, relation).map(({ column, isDescending, isNullsLast }) => {
      const how = [
        ...(isDescending ? ['ascending: false'] : []),
        ...(isNullsLast ? ['nullsFirst: false'] : []),
      ];
      return `order(${literal(identifier(column))}${how.length > 0 ? `, { ${how.join(', ')} }` : ''})`;
    }),
    ...(limit === null ? [] : [`range(${offset}, ${offset + limit - 1})`]),
  ];
  return `import { createClient } from '@supabase/supabase-js';

const client = createClient(${literal(options.origin)}, ${options.hasKey ? 'process.env.API_KEY' : "'any-key'"});
const { data, error } = await client
${steps.map((step) => `  ${step.startsWith('//') ? '' : '.'}${step}`).join('\n')};
`;
}

const mangling =
  '// Some of these columns cannot be chosen by name: supabase-js takes spaces out after escaped quotes.';

/** postgrest-js strips what it takes for space outside of quotes, and counts quotes that are escaped. */
function losesSpaces(select: string): boolean {
  let isQuoted = false;
  for (const character of select) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && /\s/.test(character)) return true;
  }
  return false;
}

const methods: readonly string[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike'];

function filterSteps(filter: Filter, relation: ProjectRelation): readonly string[] {
  const name = parameterName(filter.column);
  if (name === undefined) return branchesOf(filter).map((branch) => `or(${literal(branch)})`);
  const column = literal(name);
  const isNumber = relation.columns.find((one) => one.name === filter.column)?.kind === 'number';
  const value = (text: string) => (isNumber && String(Number(text)) === text ? text : literal(text));
  if (filter.kind === 'between')
    return [
      `gte(${column}, ${value(filter.from)})`,
      `${filter.isClosed ? 'lte' : 'lt'}(${column}, ${value(filter.to)})`,
    ];
  const { comparison, isNegated } = filter;
  const filtered = (operator: string, text: string) =>
    isNegated
      ? [`not(${column}, ${literal(operator)}, ${text})`]
      : methods.includes(operator)
        ? [`${operator}(${column}, ${text})`]
        : [`filter(${column}, ${literal(operator)}, ${text})`];
  switch (comparison.kind) {
    case 'is': {
      const isWord = comparison.value === 'unknown' || comparison.value === 'not_null';
      if (!isNegated && comparison.value === 'not_null') return [`not(${column}, 'is', null)`];
      if (!isNegated && !isWord) return [`is(${column}, ${comparison.value})`];
      return filtered('is', isWord ? literal(comparison.value) : comparison.value);
    }
    case 'in': {
      // What the client's own `in` does not escape.
      const isPlain = comparison.values.every((one) => one !== '' && !/["\\]/.test(one));
      if (isPlain && !isNegated) return [`in(${column}, [${comparison.values.map(value).join(', ')}])`];
      return filtered('in', literal(`(${comparison.values.map(writeListed).join(',')})`));
    }
    case 'search':
      return filtered(operatorOf(comparison), literal(comparison.value));
    case 'compare':
      return filtered(operatorOf(comparison), value(comparison.value));
  }
}

/** A text in JavaScript. */
function literal(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}
