import type { TestProject } from './project.ts';

/**
 * Citus cannot be installed where the tests run. This stands in for it in one database: the row of `pg_extension` that tells of it, its catalogs, and its two
 * functions, which refuse what Citus would refuse and note that they were called. The rows stay where they are.
 */
export async function standInForCitus({ sql }: Pick<TestProject, 'sql'>): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe(`
      set local allow_system_table_mods = on;
      insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
      select 4294900000, 'citus', (select oid from pg_roles where rolname = current_user), 'pg_catalog'::regnamespace, false, '13.0-1';

      create table pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char", partkey text, colocationid int, repmodel "char");
      create table pg_catalog.pg_dist_node (groupid int, nodename text, nodeport int, isactive boolean, noderole text, shouldhaveshards boolean);
      insert into pg_catalog.pg_dist_node values (0, 'hub', 5432, true, 'primary', false), (1, 'one', 5432, true, 'primary', true), (2, 'two', 5433, true, 'primary', true);
      create table pg_catalog.citus_shards (table_name regclass, shardid int8, nodename text, nodeport int, shard_size int8);

      create function pg_catalog.citus_stand_in_check(of_table regclass) returns void language plpgsql as $$
      declare has_rows boolean;
      begin
        execute format('select exists (select from %s)', of_table) into has_rows;
        if has_rows then raise exception 'stand-in: % has rows already', of_table; end if;
        if exists (select from pg_constraint where conrelid = of_table and contype = 'f') then
          raise exception 'stand-in: % has foreign keys already', of_table;
        end if;
        if exists (select from pg_dist_partition where logicalrelid = of_table) then raise exception 'table % is already distributed', of_table; end if;
      end $$;

      create function pg_catalog.create_distributed_table(table_name regclass, distribution_column text, distribution_type text default 'hash',
                                                          colocate_with text default 'default', shard_count int default null) returns void language plpgsql as $$
      declare of_type oid; alike_type oid;
      begin
        perform pg_catalog.citus_stand_in_check(table_name);
        select atttypid into of_type from pg_attribute where attrelid = table_name and attname = distribution_column and attnum > 0;
        if of_type is null then
          raise exception 'column "%" of relation "%" does not exist', distribution_column, table_name using errcode = '42703';
        end if;
        if not exists (select from pg_opclass where opcmethod = (select oid from pg_am where amname = 'hash') and opcintype = of_type and opcdefault)
           and of_type <> 'varchar'::regtype then
          raise exception 'data type % has no default operator class for specified partition method', of_type::regtype using errcode = '42704';
        end if;
        if exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attname = distribution_column
                    where i.indrelid = table_name and i.indisunique and a.attnum <> all(i.indkey::int2[])) then
          raise exception 'cannot create constraint on "%"', table_name;
        end if;
        if colocate_with not in ('default', 'none') then
          select a.atttypid into alike_type from pg_dist_partition p join pg_attribute a on a.attrelid = p.logicalrelid and a.attname = p.partkey
           where p.logicalrelid = colocate_with::regclass and p.partmethod = 'h';
          if alike_type is null then raise exception 'relation % is not distributed', colocate_with; end if;
          if alike_type <> of_type then raise exception 'cannot colocate tables % and %', colocate_with, table_name; end if;
        end if;
        insert into pg_dist_partition values (table_name, 'h', distribution_column, 1, 's');
        if current_setting('citus_stand_in.refuses_nulls', true) = 'on' then
          execute format($f$create trigger refuses_nulls before insert on %s for each row when (new.%I is null) execute function pg_catalog.citus_stand_in_refuse()$f$,
                         table_name, distribution_column);
        end if;
      end $$;

      create function pg_catalog.create_reference_table(table_name regclass) returns void language plpgsql as $$
      begin
        perform pg_catalog.citus_stand_in_check(table_name);
        insert into pg_dist_partition values (table_name, 'n', null, 2, 't');
      end $$;

      create function pg_catalog.citus_stand_in_refuse() returns trigger language plpgsql as $$
      begin
        raise exception 'the partition column of table % cannot be NULL', tg_table_name using errcode = '22004';
      end $$;

      -- Of a distributed table Citus changes constraints one by one, and by their names.
      create function pg_catalog.citus_stand_in_alter() returns event_trigger language plpgsql as $$
      begin
        if exists (select from pg_event_trigger_ddl_commands() d join pg_dist_partition p on p.logicalrelid = d.objid) then
          if current_query() ~* '\\madd\\s+(unique|primary|check|foreign)' then
            raise exception 'cannot create constraint without a name on a distributed table';
          end if;
          if current_query() ~* 'alter table[^;]*,\\s*add constraint' then
            raise exception 'cannot execute ADD CONSTRAINT command with other subcommands';
          end if;
        end if;
      end $$`);
  });
  await sql.unsafe(
    `create event trigger citus_stand_in on ddl_command_end when tag in ('ALTER TABLE') execute function pg_catalog.citus_stand_in_alter()`,
  );
}

/** What is distributed, as `schema.table by column`. */
export async function distributed({ sql }: Pick<TestProject, 'sql'>): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select format('%s.%s %s', n.nspname, c.relname, case p.partmethod when 'h' then 'by ' || p.partkey else 'reference' end) as line
      from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid join pg_namespace n on n.oid = c.relnamespace order by 1`;
  return rows.map(({ line }) => line);
}
