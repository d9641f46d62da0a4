import { type Environment, HttpUrl, readFields, SecretText } from '@tiltyard/schema';
import { z } from 'zod';

/** Where objects lie and where the public reads them. */
export const StoreConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('filesystem'),
    publicUrl: HttpUrl,
    dir: z.string().min(1),
  }),
  z.strictObject({
    kind: z.literal('s3'),
    publicUrl: HttpUrl,
    endpoint: HttpUrl.optional(),
    region: z.string().min(1).default('auto'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name'),
    prefix: z
      .string()
      .max(256)
      .regex(/^(?:[A-Za-z0-9_-][\w.-]*\/)*$/, 'is not empty or FOLDER/…/')
      .default(''),
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1).pipe(SecretText),
  }),
]);
export type StoreConfig = z.infer<typeof StoreConfig>;

/**
 * Reads a store's configuration from the environment: STORE_KIND (filesystem by default), STORE_PUBLIC_URL, and
 * STORE_DIR, or STORE_S3_ENDPOINT, STORE_S3_REGION, STORE_S3_BUCKET, STORE_S3_PREFIX, STORE_S3_ACCESS_KEY_ID,
 * STORE_S3_SECRET_ACCESS_KEY. An empty variable counts as absent.
 *
 * @throws ConfigError naming every variable that is missing or malformed
 */
export function readStoreConfig(environment: Environment): StoreConfig {
  const kind = environment.STORE_KIND?.trim() || 'filesystem';
  const variables = kind === 's3' ? S3_VARIABLES : FILESYSTEM_VARIABLES;
  return readFields(StoreConfig, variables, { ...environment, STORE_KIND: kind });
}

const SHARED_VARIABLES = { kind: 'STORE_KIND', publicUrl: 'STORE_PUBLIC_URL' };
const FILESYSTEM_VARIABLES = { ...SHARED_VARIABLES, dir: 'STORE_DIR' };
const S3_VARIABLES = {
  ...SHARED_VARIABLES,
  endpoint: 'STORE_S3_ENDPOINT',
  region: 'STORE_S3_REGION',
  bucket: 'STORE_S3_BUCKET',
  prefix: 'STORE_S3_PREFIX',
  accessKeyId: 'STORE_S3_ACCESS_KEY_ID',
  secretAccessKey: 'STORE_S3_SECRET_ACCESS_KEY',
};
