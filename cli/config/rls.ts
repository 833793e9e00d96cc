import { z } from 'zod';

const role = z.string().min(1);
/** SQL; YAML reads `using: true` as a value, and it is SQL all the same. */
const condition = z.union([z.string().min(1), z.boolean()]).transform(String);
const to = z
  .union([role, z.array(role).min(1)])
  .transform((roles) => (typeof roles === 'string' ? [roles] : roles))
  .default(['public']);

/** What a policy of each command may say: which rows are seen or touched (`using`), and which may be written (`check`). */
const policies = {
  select: z.strictObject({ to, using: condition }),
  insert: z.strictObject({ to, check: condition }),
  update: z.strictObject({ to, using: condition, check: condition.optional() }),
  delete: z.strictObject({ to, using: condition }),
  all: z.strictObject({ to, using: condition, check: condition.optional() }),
};

export type PolicyCommand = keyof typeof policies;

/** One policy, or several, of which one has to allow; a bare condition is for everyone. */
function policiesOf<Policy extends z.ZodType>(policy: Policy, short: 'using' | 'check') {
  const one = z.union([policy, condition.transform((text) => policy.parse({ [short]: text }))]);
  return z.union([z.array(one).min(1), one.transform((only) => [only])]).optional();
}

const byCommand = z.strictObject({
  select: policiesOf(policies.select, 'using'),
  insert: policiesOf(policies.insert, 'check'),
  update: policiesOf(policies.update, 'using'),
  delete: policiesOf(policies.delete, 'using'),
  all: policiesOf(policies.all, 'using'),
});

/** `rls` of a layer, and of a model's front matter: `true` without policies lets nobody read but the owner. */
export const rlsSchema = z.union([z.boolean(), byCommand]);

/** A policy as it is declared, every default filled in. */
export interface DeclaredPolicy {
  readonly command: PolicyCommand;
  readonly to: readonly string[];
  readonly using?: string | undefined;
  readonly check?: string | undefined;
}

/** The policies of a checked `rls`; null: row-level security is not asked for. */
export function declaredPolicies(
  rls: z.output<typeof rlsSchema> | undefined,
): readonly DeclaredPolicy[] | null {
  if (rls === undefined || rls === false) return null;
  if (rls === true) return [];
  return (Object.keys(policies) as PolicyCommand[]).flatMap((command) =>
    ((rls[command] ?? []) as Omit<DeclaredPolicy, 'command'>[]).map((policy) => ({ ...policy, command })),
  );
}

/** The settings that are valid at a path below `rls`. */
export function knownRlsKeys([command]: readonly PropertyKey[]): readonly string[] {
  if (command === undefined) return Object.keys(policies);
  const policy = policies[command as PolicyCommand] as (typeof policies)[PolicyCommand] | undefined;
  return policy ? Object.keys(policy.shape) : [];
}
