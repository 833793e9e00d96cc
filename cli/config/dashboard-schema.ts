import { z } from 'zod';
import { text } from './text.js';

/** A span of time such as `12 months`. */
export const range = z
  .string()
  .regex(/^[1-9]\d{0,3} (days?|weeks?|months?|years?)$/, 'must be a time such as "12 months" or "90 days"');

/** A page's name, which stands in its address. */
export const pageName = z.string().regex(/^[\p{L}\p{N}_-]{1,40}$/u, 'must be letters, digits, - or _');

/** A dashboard's page: what models put on it stands in their front matter. */
export const dashboardSchema = z.strictObject({
  title: text.optional(),
  description: text.optional(),
  range: range.optional(),
});

export const dashboardsSchema = z.record(pageName, dashboardSchema);
