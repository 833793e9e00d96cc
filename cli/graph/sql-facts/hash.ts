import { createHash } from 'node:crypto';
import type { Node } from '../lineage/tree.js';

/** Fields that only say where in the text something stands. */
const positions = new Set([
  'location',
  'name_location',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end',
]);

/** The same for texts that Postgres reads as the same statements. */
export function hashOfTrees(trees: readonly Node[]): string {
  return sha256(JSON.stringify(trees, (key, value) => (positions.has(key) ? undefined : value)));
}

/** Never that of a tree, which is a JSON array. */
export function hashOfText(sql: string): string {
  return sha256(`text:${sql}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
