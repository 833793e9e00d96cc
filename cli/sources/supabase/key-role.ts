/**
 * The database role that a key stands for: from the key's own text, which nothing vouches for, so good for hints only.
 * @returns undefined where the text does not say
 */
export function keyRole(key: string): string | undefined {
  if (key.startsWith('sb_publishable_')) return 'anon';
  if (key.startsWith('sb_secret_')) return 'service_role';
  const claims = key.split('.')[1];
  if (claims === undefined) return undefined;
  try {
    const { role } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { role?: unknown };
    return typeof role === 'string' ? role : undefined;
  } catch {
    return undefined;
  }
}

/** Whether row-level security may hide rows from the key. */
export function isBoundByRowSecurity(key: string): boolean {
  return keyRole(key) !== 'service_role';
}
