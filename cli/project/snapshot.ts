import { z } from 'zod';
import { formatPath, MedallionError } from '../errors/index.js';
import type { FrontMatter } from './front-matter.js';
import type { Contract, ContractColumn, Model, Snapshot } from './model.js';
import { isTimeZone, timeZoneHint } from './time-zone.js';

const name = z.string().min(1);
const names = z
  .union([name, z.array(name).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value));

export const snapshotSchema = z.strictObject({
  key: names,
  strategy: z.enum(['check', 'timestamp']).default('check'),
  check: z.union([z.literal('all'), names]).optional(),
  updated_at: name.optional(),
  time_zone: name.optional(),
  hard_deletes: z.enum(['ignore', 'invalidate', 'new_record']).default('ignore'),
});

interface OwnColumn {
  readonly name: string;
  readonly type: 'timestamptz' | 'boolean';
  readonly notNull: boolean;
}

/** The columns that every snapshot has beside those of its select. */
export const versionColumns: readonly OwnColumn[] = [
  { name: 'valid_from', type: 'timestamptz', notNull: true },
  { name: 'valid_to', type: 'timestamptz', notNull: false },
  { name: 'is_current', type: 'boolean', notNull: true },
];
/** The one that marks versions which say that a row was deleted. */
export const deletedColumn: OwnColumn = { name: 'is_deleted', type: 'boolean', notNull: true };

/** The columns that a snapshot has beside those of its select. */
export function ownColumns(deletes: Snapshot['deletes']): readonly OwnColumn[] {
  return deletes === 'new_record' ? [...versionColumns, deletedColumn] : versionColumns;
}

/** Other names that Postgres has for the types of these columns. */
const sameTypes: Readonly<Record<string, string>> = {
  'timestamp with time zone': 'timestamptz',
  bool: 'boolean',
};

interface SnapshotFront {
  readonly snapshot?: z.output<typeof snapshotSchema> | undefined;
  readonly primary_key?: readonly string[] | undefined;
  readonly unique: readonly (readonly string[])[];
  readonly columns?:
    | Readonly<Record<string, { type?: string | undefined; unique: boolean; default?: string | undefined }>>
    | undefined;
}

/**
 * `snapshot` of a model's front matter.
 * @returns undefined for a model that is none
 * @throws MedallionError MDL1217
 */
export function parseSnapshot(
  { value, whereIs }: FrontMatter<SnapshotFront>,
  model: Pick<Model, 'name' | 'materialized'>,
): Snapshot | undefined {
  const wrong = (path: readonly string[], why: string, hint: string) =>
    new MedallionError('MDL1217', { message: `${formatPath(path)}: ${why}`, where: whereIs(path), hint });
  const { snapshot, columns } = value;
  if (model.materialized !== 'snapshot') {
    if (!snapshot) return undefined;
    throw wrong(
      ['snapshot'],
      `${model.name} is of kind ${model.materialized}.`,
      'Write materialized: snapshot, or take it out.',
    );
  }
  if (!snapshot)
    throw wrong(
      ['materialized'],
      `${model.name} is a snapshot without settings.`,
      'Say what identifies a row: snapshot: { key: id }.',
    );
  const { key, strategy, check, updated_at: updatedAt, time_zone: timeZone = 'UTC' } = snapshot;
  if (strategy === 'timestamp' && updatedAt === undefined)
    throw wrong(
      ['snapshot', 'strategy'],
      'timestamp needs to know when a row has changed.',
      'Name the column: updated_at: <column>.',
    );
  const idle =
    strategy === 'timestamp'
      ? check && 'check'
      : (['updated_at', 'time_zone'] as const).find((setting) => snapshot[setting]);
  if (idle)
    throw wrong(
      ['snapshot', idle],
      `means nothing with strategy: ${strategy}.`,
      'Take it out, or change the strategy.',
    );
  if (!isTimeZone(timeZone))
    throw wrong(['snapshot', 'time_zone'], `there is no time zone "${timeZone}".`, timeZoneHint);
  const isOwn = (column: string) => ownColumns(snapshot.hard_deletes).some((own) => own.name === column);
  const checked = check === 'all' || check === undefined ? null : check;
  if (columns) {
    const named = { key, check: checked ?? [], updated_at: updatedAt === undefined ? [] : [updatedAt] };
    for (const [setting, list] of Object.entries(named)) {
      const unknown = list.find((column) => !Object.hasOwn(columns, column) || isOwn(column));
      if (unknown !== undefined)
        throw wrong(
          ['snapshot', setting],
          `the select of ${model.name} has no column "${unknown}".`,
          `Its columns are ${Object.keys(columns)
            .filter((column) => !isOwn(column))
            .join(', ')}.`,
        );
    }
  }
  refuseKeys(value, snapshot.hard_deletes, model.name, wrong);
  return {
    key,
    by:
      updatedAt === undefined
        ? { strategy: 'check', columns: checked }
        : { strategy: 'timestamp', updatedAt, timeZone },
    deletes: snapshot.hard_deletes,
    where: whereIs(['snapshot']),
  };
}

/** A row has several versions: what is unique in the select is not in the snapshot. */
function refuseKeys(
  { primary_key: primaryKey, unique, columns }: SnapshotFront,
  deletes: Snapshot['deletes'],
  model: string,
  wrong: (path: readonly string[], why: string, hint: string) => MedallionError,
): void {
  const versions = `${model} is a snapshot, which has several versions of a row.`;
  if (primaryKey)
    throw wrong(['primary_key'], versions, 'Take it out: the primary key is snapshot.key with valid_from.');
  const hint = 'Write indexes: [ { columns: [...], unique: true, where: is_current } ].';
  if (unique.length > 0) throw wrong(['unique'], versions, hint);
  for (const [column, settings] of Object.entries(columns ?? {})) {
    if (settings.unique) throw wrong(['columns', column, 'unique'], versions, hint);
    const own = ownColumns(deletes).find((known) => known.name === column);
    if (!own) continue;
    const type = settings.type?.trim().toLowerCase() ?? own.type;
    if ((sameTypes[type] ?? type) !== own.type)
      throw wrong(
        ['columns', column, 'type'],
        `a snapshot has "${column}" as ${own.type}.`,
        'Leave the type out.',
      );
    if (settings.default !== undefined)
      throw wrong(['columns', column, 'default'], `a snapshot fills "${column}" itself.`, 'Take it out.');
  }
}

/** The contract of the relation: the key with the beginning of a version, the columns of the select and those of the snapshot. */
export function snapshotContract(snapshot: Snapshot | undefined, contract: Contract): Contract {
  if (!snapshot) return contract;
  const given = contract.columns;
  const own = ownColumns(snapshot.deletes).map(
    ({ name, type, notNull }): ContractColumn => ({
      ...{ name, unique: false, where: snapshot.where },
      ...given?.find((column) => column.name === name),
      ...{ type, notNull },
    }),
  );
  return {
    ...contract,
    primaryKey: [...snapshot.key, 'valid_from'],
    columns: given && [...given.filter(({ name }) => !own.some((known) => known.name === name)), ...own],
    where: { ...contract.where, primaryKey: snapshot.where },
  };
}

/** What the select of a snapshot has to meet: its contract without what the snapshot adds. */
export function selectContract({ contract, snapshot }: Model): Contract {
  const own = snapshot ? ownColumns(snapshot.deletes) : [];
  const columns = contract.columns?.filter(({ name }) => !own.some((known) => known.name === name));
  return { ...contract, columns: columns ?? null };
}
