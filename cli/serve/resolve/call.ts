import { nearestNames } from '../../errors/nearest.js';
import type { Catalog, CatalogFunction } from '../catalog/catalog.js';
import { looksLikeFilter } from '../parse/condition.js';
import { isClause } from '../parse/url.js';
import { RequestError } from './errors.js';
import type { Call } from './query.js';

/** A call, and the parameters that are about its rows. */
export interface ResolvedCall {
  readonly called: CatalogFunction;
  readonly call: Call;
  readonly parameters: readonly (readonly [string, string])[];
}

/**
 * The one function of this name that takes what the URL gives. A parameter is an argument if a function has one of its name, or if it is not about rows.
 * @see https://docs.postgrest.org/en/v13/references/api/functions.html
 * @throws RequestError PGRST202 (none), PGRST203 (several), 25006 (it may write)
 */
export function resolveCall(
  catalog: Catalog,
  schema: string,
  name: string,
  parameters: Iterable<readonly [string, string]>,
): ResolvedCall {
  const all = catalog.functions.get(schema)!.get(name) ?? [];
  const taken = new Set(all.flatMap((one) => one.arguments.map((argument) => argument.name)));
  const given = new Map<string, string[]>();
  const rest: (readonly [string, string])[] = [];
  for (const [key, value] of parameters)
    if (taken.has(key) || !(isClause(key) || looksLikeFilter(value)))
      given.set(key, [...(given.get(key) ?? []), value]);
    else rest.push([key, value]);
  const fitting = all.filter(
    (one) =>
      one.arguments.every((argument) => !argument.isRequired || given.has(argument.name)) &&
      [...given.keys()].every((key) => one.arguments.some((argument) => argument.name === key)),
  );
  const [called] = fitting;
  if (!called) throw notFound(catalog, schema, name, [...given.keys()]);
  if (fitting.length > 1) throw ambiguous(fitting);
  if (called.isVolatile)
    throw new RequestError(
      405,
      '25006',
      `cannot call ${schema}.${name}: it is volatile, and this API can only be read`,
      null,
      'Declare it stable or immutable if it changes nothing.',
    );
  return {
    called,
    parameters: rest,
    call: {
      schema,
      name,
      namesColumns: called.namesColumns,
      arguments: called.arguments.flatMap((argument) => {
        const values = given.get(argument.name);
        return values ? [{ ...argument, values }] : [];
      }),
    },
  };
}

function signature({ schema, name, arguments: takes }: CatalogFunction): string {
  return `${schema}.${name}(${takes.map((argument) => `${argument.name} => ${argument.type.display}`).join(', ')})`;
}

function ambiguous(fitting: readonly CatalogFunction[]): RequestError {
  return new RequestError(
    300,
    'PGRST203',
    `Could not choose the best candidate function between: ${fitting.map(signature).join(', ')}`,
    null,
    'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
  );
}

function notFound(catalog: Catalog, schema: string, name: string, given: readonly string[]): RequestError {
  const functions = catalog.functions.get(schema)!;
  const same = functions.get(name)?.[0];
  const [near] = nearestNames(name, functions.keys(), 1);
  const meant = same ?? (near === undefined ? undefined : functions.get(near)?.[0]);
  return new RequestError(
    404,
    'PGRST202',
    `Could not find the function ${schema}.${name}${given.length > 0 ? `(${given.join(', ')})` : ' without parameters'} in the schema cache`,
    `Searched for the function ${schema}.${name} ${given.length > 0 ? `with parameters ${given.join(', ')}` : 'without parameters'}, but no matches were found in the schema cache.`,
    meant ? `Perhaps you meant to call the function ${signature(meant)}` : null,
  );
}
