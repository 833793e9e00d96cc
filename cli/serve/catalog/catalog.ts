/** A type as SQL that always means it: quoted and qualified. */
export interface ColumnType {
  readonly sql: string;
  /** Its array type; undefined for arrays themselves. */
  readonly array: string | undefined;
  /** As Postgres writes it for people: `numeric(10,2)`. */
  readonly display: string;
  /** Postgres's category of the base type: `N` numbers, `S` strings, `B` booleans, `D` dates and times, `A` arrays, `U` others. */
  readonly category: string;
  /** The name of the base type, without its schema: `jsonb`, `tsvector`. */
  readonly base: string;
  readonly enumLabels: readonly string[] | undefined;
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable: boolean;
  readonly hasDefault: boolean;
  readonly description: string | undefined;
}

/** A function that takes a row and gives a value. */
export interface ComputedColumn {
  readonly schema: string;
  readonly name: string;
  readonly type: ColumnType;
}

/** A table or view that is exposed. */
export interface CatalogRelation {
  readonly oid: number;
  /** As clients name it. */
  readonly schema: string;
  /** Where it is. */
  readonly storedIn: string;
  readonly name: string;
  readonly isTable: boolean;
  readonly description: string | undefined;
  readonly columns: ReadonlyMap<string, Column>;
  readonly primaryKey: readonly string[];
  /** Functions of a row that can be asked for like columns, by name. */
  readonly computed: ReadonlyMap<string, ComputedColumn>;
  /** As long as it is the same, so are the rows; undefined: they may change at any moment. */
  readonly version: string | undefined;
}

/** A function that can be called: its arguments have names. */
export interface CatalogFunction {
  readonly schema: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly isVolatile: boolean;
  readonly returnsSet: boolean;
  readonly arguments: readonly FunctionArgument[];
  /** Of what it gives where that is one value, and not a row. */
  readonly value: ColumnType | undefined;
  /** What it gives, as a relation; a value is its one column. */
  readonly rows: CatalogRelation;
  /** Its columns have the names that a call gives them. */
  readonly namesColumns: boolean;
}

export interface FunctionArgument {
  readonly name: string;
  readonly type: ColumnType;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
}

/** Columns that must be equal: of the one side, of the other. */
export type JoinColumns = readonly (readonly [string, string])[];

/** A way from one exposed relation to another, along foreign keys. */
export interface Relationship {
  readonly from: CatalogRelation;
  readonly to: CatalogRelation;
  readonly cardinality: 'many-to-one' | 'one-to-many' | 'one-to-one' | 'many-to-many';
  /** It goes from the foreign key to what that references. */
  readonly isAlongKey: boolean;
  /** The foreign key; of many-to-many both, joined with `, `. */
  readonly constraint: string;
  /** From `from` to `to`; for many-to-many from `from` to the junction. */
  readonly columns: JoinColumns;
  readonly junction:
    | {
        readonly relation: CatalogRelation;
        readonly fromConstraint: string;
        readonly toConstraint: string;
        /** From the junction to `to`. */
        readonly columns: JoinColumns;
      }
    | undefined;
}

/** What is exposed, as it was when it was read. */
export interface Catalog {
  /** In the order of the configuration: the first is the default. */
  readonly schemas: readonly string[];
  /** By schema and name. */
  readonly relations: ReadonlyMap<string, ReadonlyMap<string, CatalogRelation>>;
  /** By the oid of the relation that they start from. */
  readonly relationships: ReadonlyMap<number, readonly Relationship[]>;
  /** By schema and name: those of one name take different arguments. */
  readonly functions: ReadonlyMap<string, ReadonlyMap<string, readonly CatalogFunction[]>>;
  /** PostGIS's function that makes a GeoJSON feature of a row, as SQL; undefined without PostGIS. */
  readonly toGeoJson: string | undefined;
  /** Types that may be cast to, by each of their names. */
  readonly types: ReadonlyMap<string, ColumnType>;
}
