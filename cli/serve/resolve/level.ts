import { isDeepStrictEqual } from 'node:util';
import type { Catalog, CatalogRelation, Relationship } from '../catalog/catalog.js';
import type { Clauses, Field, SelectedEmbed, SelectedField } from '../parse/tree.js';
import { resolvePredicate, resolveSort, type Scope } from './clauses.js';
import { RequestError } from './errors.js';
import { findColumn, findType } from './names.js';
import type { Embed, Expression, Output, RowsQuery, Sort } from './query.js';

export interface LevelOptions {
  /** Rows at most, of the root and of each embedded list; undefined: as many as there are. */
  readonly maxRows: number | undefined;
  readonly aggregates: boolean;
}

interface NamedEmbed {
  readonly names: readonly string[];
  readonly level: Level;
  embed: Omit<Embed, 'rows'>;
}

/** One relation of the request, while it is put together. */
export class Level implements Scope {
  private readonly outputs: (Output & { readonly isAggregate: boolean })[] = [];
  private readonly embeds: NamedEmbed[] = [];
  private clauses:
    | Omit<RowsQuery, 'relation' | 'alias' | 'outputs' | 'hidden' | 'groupBy' | 'embeds'>
    | undefined;
  private readonly hidden: Output[] = [];
  /** Aggregates of a relation that is spread count in the parent's groups: what is to be applied there, by output. */
  readonly hoisted = new Map<string, SelectedField>();

  constructor(
    readonly catalog: Catalog,
    readonly relation: CatalogRelation,
    readonly alias: string,
    private readonly options: LevelOptions,
    private readonly isHoisted: boolean,
  ) {}

  addAll(): void {
    for (const name of this.relation.columns.keys())
      this.outputs.push({ name, value: this.value({ name, path: [] }), isAggregate: false });
  }

  /** A column, or a place in its JSON. */
  value({ name, path }: Field): Expression {
    const computed = this.relation.columns.has(name) ? undefined : this.relation.computed.get(name);
    const column: Expression = computed
      ? { kind: 'computed', of: this.alias, ...computed }
      : { kind: 'column', of: this.alias, name, type: findColumn(this.relation, name).type };
    return path.length === 0 ? column : { kind: 'json', value: column, path };
  }

  private cast(value: Expression, type: string | undefined): Expression {
    return type === undefined ? value : { kind: 'cast', value, type: findType(this.catalog, type) };
  }

  addField(selected: SelectedField): void {
    const { field, alias, cast, aggregate } = selected;
    const value = field && this.cast(this.value(field), cast);
    if (!aggregate) {
      this.outputs.push({ name: alias ?? fieldName(field!), value: value!, isAggregate: false });
      return;
    }
    if (!this.options.aggregates)
      throw new RequestError(400, 'PGRST123', 'Use of aggregate functions is not allowed');
    const name = alias ?? aggregate;
    if (this.isHoisted && value) {
      const hoisted = `h${this.hoisted.size}`;
      this.hoisted.set(hoisted, { ...selected, alias: name });
      this.outputs.push({ name: hoisted, value, isAggregate: false });
    } else this.outputs.push({ name, value: this.aggregate(selected, value), isAggregate: true });
  }

  private aggregate({ aggregate, aggregateCast }: SelectedField, value: Expression | undefined): Expression {
    return this.cast({ kind: 'aggregate', name: aggregate!, value }, aggregateCast);
  }

  addEmbed(
    selected: SelectedEmbed,
    relationship: Relationship,
    child: Level,
    junctionAlias: string | undefined,
  ): void {
    const shape = relationship.cardinality.endsWith('-one') ? 'one' : 'many';
    const { junction, columns } = relationship;
    this.embeds.push({
      names: [selected.alias ?? selected.target, selected.target],
      level: child,
      embed: {
        shape,
        isSpread: selected.isSpread,
        isInner: selected.join === 'inner',
        columns,
        junction: junction && {
          relation: junction.relation,
          alias: junctionAlias!,
          columns: junction.columns,
        },
      },
    });
    const ifNone = shape === 'many' ? 'empty' : 'null';
    if (!selected.isSpread) {
      if (child.outputs.length === 0) return;
      const value: Expression = { kind: 'embedded', of: child.alias, output: 'value', ifNone };
      this.outputs.push({ name: selected.alias ?? selected.target, value, isAggregate: false });
      return;
    }
    child.outputs.forEach(({ name }, i) => {
      const value: Expression = { kind: 'embedded', of: child.alias, output: `c${i}`, ifNone };
      const hoisted = child.hoisted.get(name);
      this.outputs.push(
        hoisted
          ? { name: hoisted.alias!, value: this.aggregate(hoisted, value), isAggregate: true }
          : { name, value, isAggregate: false },
      );
    });
  }

  embedOf(name: string): { readonly shape: 'one' | 'many'; readonly scope: Level } | undefined {
    const found =
      this.embeds.find(({ names }) => names[0] === name) ??
      this.embeds.find(({ names }) => names.includes(name));
    return found && { shape: found.embed.shape, scope: found.level };
  }

  hide(value: Expression): string {
    const name = `o${this.hidden.length}`;
    this.hidden.push({ name, value });
    return name;
  }

  addClauses({ conditions, order, limit, offset }: Clauses): void {
    const { maxRows } = this.options;
    this.clauses = {
      predicates: conditions.map((condition) => resolvePredicate(this, condition)),
      order: order.map((term) => resolveSort(this, term)),
      limit: limit === undefined ? maxRows : Math.min(limit, maxRows ?? limit),
      offset,
    };
  }

  finish(): RowsQuery {
    const { relation, alias, outputs, hidden } = this;
    const clauses = this.clauses!;
    const isGrouped = outputs.some(({ isAggregate }) => isAggregate);
    return {
      ...{ relation, alias, outputs, hidden, ...clauses },
      ...(isGrouped ? this.grouped(clauses.order) : { groupBy: undefined }),
      embeds: this.embeds.map(({ level, embed }) => ({ ...embed, rows: level.finish() })),
    };
  }

  /** Groups can be sorted by what is shown of them. */
  private grouped(order: readonly Sort[]): Pick<RowsQuery, 'groupBy' | 'order'> {
    const placeOf = (value: Expression) =>
      this.outputs.findIndex((output) => isDeepStrictEqual(output.value, value)) + 1;
    return {
      order: order.map((sort) => ({ ...sort, place: placeOf(sort.value) || undefined })),
      groupBy: {
        places: this.outputs.flatMap(({ isAggregate }, i) => (isAggregate ? [] : [i + 1])),
        values: order.flatMap(({ value }) => (this.isShownInside(value) ? [value] : [])),
      },
    };
  }

  /** Whether a value that an embedded relation hides for our order is one that it shows as well. */
  private isShownInside(value: Expression): boolean {
    if (value.kind !== 'embedded') return false;
    const child = this.embeds.find(({ level }) => level.alias === value.of)?.level;
    const hidden = child?.hidden.find(({ name }) => name === value.output);
    return child?.outputs.some((output) => isDeepStrictEqual(output.value, hidden?.value)) ?? false;
  }
}

/** `data->address->>city` is called `city`; an index is called as what it is an index of. */
function fieldName({ name, path }: Field): string {
  const key = path.findLast((step) => typeof step.key === 'string')?.key;
  return typeof key === 'string' ? key : name;
}
