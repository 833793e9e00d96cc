import type { Sql } from '../database/connect.js';
import { quoteRelation, type Relation } from '../database/identifiers.js';
import { MedallionError, type Where } from '../errors/index.js';
import type { Model } from '../project/model.js';

/**
 * What is built on published rows has to see all of them: one that a policy hides would be taken for missing, and be written a second time. The owner of a
 * table is not held to its policies unless row-level security is forced on it.
 * @param where the setting that has the model read them
 * @throws MedallionError MDL4013
 */
export async function refuseHiddenRows(
  sql: Sql,
  { name }: Pick<Model, 'name'>,
  published: Relation,
  where: Where,
): Promise<void> {
  const [hidden] = await sql<{ role: string }[]>`
    select current_user as role
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${published.schema} and c.relname = ${published.name} and row_security_active(c.oid)`;
  if (!hidden) return;
  const relation = quoteRelation(published);
  throw new MedallionError('MDL4013', {
    message: `${name}: row-level security may hide rows of ${relation} from "${hidden.role}", the role that builds on them.`,
    where,
    hint: `alter table ${relation} no force row level security; or let the role see all rows: alter role "${hidden.role}" bypassrls;`,
  });
}
