import { z } from 'zod';

/** What a role may be allowed to do with a relation. */
export const rights = ['select', 'insert', 'update', 'delete'] as const;
export type Right = (typeof rights)[number];

/** Roles by right; a role `public` means everyone. */
export type Grants = Readonly<Record<Right, readonly string[]>>;

const roles = z.array(z.string().min(1)).default([]);

/** `grants` of a layer, and of a model's front matter: what is not asked for is not given. */
export const grantsSchema = z.strictObject({ select: roles, insert: roles, update: roles, delete: roles });

export const noGrants: Grants = { select: [], insert: [], update: [], delete: [] };

/** The rights of both, each role once. */
export function mergeGrants(one: Grants, other: Grants): Grants {
  const union = (right: Right) => [...new Set([...one[right], ...other[right]])];
  return {
    select: union('select'),
    insert: union('insert'),
    update: union('update'),
    delete: union('delete'),
  };
}

/** Every role that is given anything, once. */
export function grantedRoles(grants: Grants): readonly string[] {
  return [...new Set(rights.flatMap((right) => grants[right]))];
}
