import type { Distribution } from '../config/distribution.js';
import { MedallionError } from '../errors/index.js';
import type { ForeignKey, Model, NodeName } from '../project/model.js';
import type { ParsedModel } from '../project/parse-model.js';
import type { Resolve } from './resolve-name.js';

interface Refusal {
  readonly why: string;
  readonly hint: string;
}

/**
 * Citus keeps a foreign key where both rows are on one node: onto a reference table, or between tables that are distributed alike, by the
 * distribution column (https://docs.citusdata.com/en/v13.0/develop/reference_ddl.html). Expects that the keys are right for Postgres.
 * @throws MedallionError MDL1214 where the key stands
 */
export function checkDistributedKeys(
  { model }: ParsedModel,
  models: ReadonlyMap<NodeName, ParsedModel>,
  resolve: Resolve,
): void {
  for (const key of model.contract.foreignKeys) {
    const name = resolve('ref', key.references, key.where);
    const refused = refusal(model, key, models.get(name)!.model);
    if (refused)
      throw new MedallionError('MDL1214', {
        message: `foreign_keys: (${key.columns.join(', ')}) of ${model.name} cannot reference ${name} on Citus: ${refused.why}.`,
        where: key.where,
        hint: `${refused.hint} Or test it instead: tests: [ { relationships: { columns: [${key.columns.join(', ')}], to: ${name}, fields: [${referenced(key, models.get(name)!.model).join(', ')}] } } ].`,
      });
  }
}

function refusal(model: Model, key: ForeignKey, target: Model): Refusal | undefined {
  const [own, other] = [model.distribution, target.distribution];
  if (other?.kind !== 'column') {
    if (other !== null || own?.kind !== 'column') return undefined;
    return {
      why: `the one is distributed, the other is on one node`,
      hint: `Make ${target.name} whole on every node (distribute: reference), or distribute it by the column that the key points to.`,
    };
  }
  if (own?.kind !== 'column')
    return {
      why: `the one is ${own ? 'whole on every node' : 'on one node'}, the other is distributed`,
      hint: own
        ? `Distribute ${model.name} by a column of the key, or make both reference tables.`
        : `Distribute ${model.name} too, by a column of the key.`,
    };
  return alike(model, own, key, target, other);
}

type ByColumn = Extract<Distribution, { kind: 'column' }>;

function alike(
  model: Model,
  own: ByColumn,
  key: ForeignKey,
  target: Model,
  other: ByColumn,
): Refusal | undefined {
  const place = key.columns.indexOf(own.column);
  if (place < 0 || referenced(key, target)[place] !== other.column)
    return {
      why: `the key has to lead from "${own.column}", which the one is distributed by, to "${other.column}", which the other is distributed by`,
      hint: `Take both into the key, at the same place, distribute both by the columns of the key, or make ${target.name} a reference table (distribute: reference).`,
    };
  const [from, to] = [typeOf(model, own.column), typeOf(target, other.column)];
  if (from === undefined || to === undefined || from === to) return undefined;
  return {
    why: `"${own.column}" is ${from} and "${other.column}" is ${to}, so equal values may be on different nodes`,
    hint: 'Give both columns one type.',
  };
}

function referenced(key: ForeignKey, target: Model): readonly string[] {
  return key.referencedColumns.length > 0 ? key.referencedColumns : target.contract.primaryKey;
}

/** Other names of Postgres's own types. What is not among them (a domain, a type of an extension) is left to the server to compare. */
const typeNames: Readonly<Record<string, string>> = {
  ...{ smallint: 'smallint', int2: 'smallint', integer: 'integer', int: 'integer', int4: 'integer' },
  ...{ bigint: 'bigint', int8: 'bigint', numeric: 'numeric', decimal: 'numeric', uuid: 'uuid', text: 'text' },
  ...{ varchar: 'character varying', 'character varying': 'character varying', date: 'date' },
  ...{ timestamptz: 'timestamp with time zone', 'timestamp with time zone': 'timestamp with time zone' },
};

function typeOf({ contract }: Model, column: string): string | undefined {
  const declared = contract.columns?.find(({ name }) => name === column)?.type;
  return (
    declared &&
    typeNames[
      declared
        .toLowerCase()
        .replace(/\s*\([^()]*\)/, '')
        .trim()
    ]
  );
}
