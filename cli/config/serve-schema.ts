import { z } from 'zod';
import { readPublicKey } from './public-key.js';
import { text } from './text.js';
import { time } from './time.js';

const role = z.string().min(1).max(63);
const key = z.string().regex(/^\S{16,}$/, 'must have 16 characters or more, and no spaces');
const names = z.union([z.string().min(1), z.array(z.string().min(1))]).transform((value) => [value].flat());

const jwtSettings = z.strictObject({
  secret: z
    .union([z.string(), z.instanceof(Uint8Array)])
    .refine((value) => Buffer.from(value as string).length >= 32, 'must have 32 bytes or more')
    .optional(),
  publicKey: z
    .string()
    .transform((pem, context) => {
      const key = readPublicKey(pem);
      if (key) return key;
      context.addIssue('must be an RSA key (RS256) or one of the curve P-256 (ES256), public, in PEM');
      return z.NEVER;
    })
    .optional(),
  jwks: z
    .union([
      z.url({ protocol: /^https?$/, error: 'must be the address of a key set, or { keys: [...] }' }),
      z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) }),
    ])
    .optional(),
  audience: names.optional(),
  issuer: names.optional(),
  roleClaim: z
    .string()
    .regex(/^[^.]+(\.[^.]+)*$/)
    .default('role'),
  clockSkew: z
    .string()
    .regex(/^\d+ ?(s|min)$/, 'must be a time such as "30 s"')
    .default('30 s'),
});
const jwt = jwtSettings.refine(
  ({ secret, publicKey, jwks }) => secret !== undefined || publicKey !== undefined || jwks !== undefined,
  'needs secret, publicKey or jwks',
);

/** Whose requests are answered, and with which role. */
const authSettings = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        key,
        role,
      }),
    )
    .min(1)
    .optional(),
  jwt: jwt.optional(),
  anonymous: z.boolean().optional(),
});
const auth = authSettings.refine(
  ({ keys, jwt }) => keys !== undefined || jwt !== undefined,
  'needs keys or jwt',
);

/** What `mdl serve` offers. */
export const serveSchema = z.strictObject({
  schemas: z.array(z.string().min(1)).readonly().optional(),
  role: role.default('anon'),
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3000),
  maxRows: z.int().min(1).nullable().default(1000),
  aggregates: z.boolean().default(false),
  maxDepth: z.int().min(1).max(100).default(10),
  connections: z.int().min(1).max(500).default(10),
  statementTimeout: time.default('10s'),
  queue: z.int().min(0).default(100),
  maxCost: z.number().positive().nullable().default(null),
  rateLimit: z.int().min(1).nullable().default(null),
  trustProxy: z.union([z.boolean(), z.array(z.string().min(1))]).default(false),
  cors: z
    .union([
      z.literal('*'),
      z.array(z.string().regex(/^https?:\/\/[^/]+$/, 'must be an origin such as "https://shop.example"')),
    ])
    .optional(),
  auth: auth.optional(),
  cacheMiB: z.number().min(0).max(16_384).default(64),
  plan: z.boolean().default(false),
  ui: z.boolean().default(true),
  // Empty counts as absent: PUBLIC_URL= in an environment file.
  publicUrl: z.preprocess(
    (value) => (typeof value === 'string' && value !== '' ? value.replace(/\/+$/, '') : undefined),
    z
      .url({ protocol: /^https?$/, error: 'must be an address such as "https://data.shop.example"' })
      .optional(),
  ),
  admin: key.optional(),
  metrics: z.boolean().default(true),
  metricsKey: key.optional(),
  title: text.optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a code of three letters such as "BRL"')
    .optional(),
  labels: z.record(z.string().min(1), text).default({}),
});

/** The settings that `serve`, or a part of it, knows. */
export function knownServeKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(serveSchema.shape);
  if (path[0] !== 'auth') return [];
  if (path.length === 1) return Object.keys(authSettings.shape);
  if (path[1] === 'jwt') return Object.keys(jwtSettings.shape);
  return path[1] === 'keys' ? ['key', 'role'] : [];
}
