import { HttpUrl } from '@tiltyard/schema';
import { z } from 'zod';
import { StoreError } from './store-error.js';

/** Where objects lie and where the public reads them. The S3 kind holds secrets: never log it whole. */
export const StoreConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('filesystem'),
    dir: z.string().min(1),
    publicUrl: HttpUrl,
  }),
  z.strictObject({
    kind: z.literal('s3'),
    endpoint: HttpUrl.optional(),
    region: z.string().min(1).default('auto'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name'),
    prefix: z
      .string()
      .max(256)
      .regex(/^(?:[A-Za-z0-9_-][\w.-]*\/)*$/, 'is not empty or FOLDER/…/')
      .default(''),
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1),
    publicUrl: HttpUrl,
  }),
]);
export type StoreConfig = z.infer<typeof StoreConfig>;

/**
 * Reads a store's configuration from the environment: STORE_KIND (filesystem by default), STORE_PUBLIC_URL, and
 * STORE_DIR, or STORE_S3_ENDPOINT, STORE_S3_REGION, STORE_S3_BUCKET, STORE_S3_PREFIX, STORE_S3_ACCESS_KEY_ID,
 * STORE_S3_SECRET_ACCESS_KEY. An empty variable counts as absent.
 *
 * @throws StoreError `bad_config`, naming the variable
 */
export function readStoreConfig(env: Readonly<Record<string, string | undefined>>): StoreConfig {
  const kind = env.STORE_KIND || 'filesystem';
  const variables: Readonly<Record<string, string>> = kind === 's3' ? S3_VARIABLES : FILESYSTEM_VARIABLES;
  const given: Record<string, string> = { kind };
  for (const [field, variable] of Object.entries(variables)) {
    const value = env[variable];
    if (value) given[field] = value;
  }
  const parsed = StoreConfig.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const variable = variables[field] ?? 'STORE_KIND';
  throw new StoreError({ code: 'bad_config', field: variable, problem: issue?.message ?? 'is not usable' });
}

const FILESYSTEM_VARIABLES = { dir: 'STORE_DIR', publicUrl: 'STORE_PUBLIC_URL' };
const S3_VARIABLES = {
  endpoint: 'STORE_S3_ENDPOINT',
  region: 'STORE_S3_REGION',
  bucket: 'STORE_S3_BUCKET',
  prefix: 'STORE_S3_PREFIX',
  accessKeyId: 'STORE_S3_ACCESS_KEY_ID',
  secretAccessKey: 'STORE_S3_SECRET_ACCESS_KEY',
  publicUrl: 'STORE_PUBLIC_URL',
};
