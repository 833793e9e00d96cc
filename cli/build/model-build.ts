import type { Relation } from '../database/identifiers.js';
import type { MedallionError } from '../errors/index.js';
import type { CompiledQuery } from '../graph/compile.js';
import type { Model, NodeName } from '../project/model.js';
import type { Template } from '../project/template.js';
import type { ForeignTarget } from './contract-sql.js';

export interface ModelBuild {
  readonly model: Model;
  readonly query: CompiledQuery;
  /** Where it is built. */
  readonly relation: Relation;
  /** Relation and primary key of a model that a foreign key names. */
  targetOf(name: string): ForeignTarget;
  /** SQL of a condition of the model's. */
  render(condition: Template): string;
  /** The model of this run that will replace a published relation. */
  replacing(published: Relation): NodeName | undefined;
  /** As Postgres counts it, e.g. 180004. */
  readonly serverVersion: number;
  /** The database is a Citus cluster, and some table of the project is to be distributed. */
  readonly isScaledOut: boolean;
  /** A materialized view is left empty: what it reads is not there yet. */
  readonly isEmpty?: boolean | undefined;
  /** What is published of it, with the same contract; undefined: nothing, or something else. */
  readonly before?: PublishedColumns | undefined;
}

/** A published relation and the types of its columns, by name. */
export interface PublishedColumns {
  readonly relation: Relation;
  readonly types: ReadonlyMap<string, number>;
}

export interface BuiltModel {
  /** Undefined for a view. */
  readonly rows: number | undefined;
  /** The error that kept a key or check from being added because rows break it; the relation stands without its constraints then. */
  readonly violation: MedallionError | undefined;
  /** Columns that defaults filled in, and not the select. */
  readonly filled: readonly string[];
}
