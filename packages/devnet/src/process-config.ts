import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { badOption, DevnetOptions } from './options.js';

/** The environment of the dev chain's process. */
const Environment = z.object({
  /** DevnetOptions as JSON. */
  DEVNET_OPTIONS: z.string().min(2).optional(),
  /** Or a file with them. */
  DEVNET_OPTIONS_FILE: z.string().min(1).optional(),
  /** Each overrides the option of its name. */
  DEVNET_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  DEVNET_FOLDER: z.string().min(1).optional(),
  /** Milliseconds, or `none` for blocks on request only. */
  DEVNET_BLOCK_TIME_MS: z.union([z.literal('none').transform(() => null), z.coerce.number().int()]).optional(),
});

/** Reads the process's options. Throws DevnetError `bad_option` that names the variable or the field. */
export function readProcessOptions(env: NodeJS.ProcessEnv): z.input<typeof DevnetOptions> {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw badOption(issue?.path.join('.') || 'environment', issue?.message ?? 'is wrong');
  }
  const { DEVNET_OPTIONS: inline, DEVNET_OPTIONS_FILE: file, DEVNET_PORT: port } = parsed.data;
  const { DEVNET_FOLDER: folder, DEVNET_BLOCK_TIME_MS: blockTimeMs } = parsed.data;
  if ((inline === undefined) === (file === undefined)) {
    throw badOption('DEVNET_OPTIONS', 'set either this or DEVNET_OPTIONS_FILE');
  }
  const options = file === undefined ? parseJson('DEVNET_OPTIONS', inline ?? '') : readJson(file);
  const overridden = {
    ...options,
    ...(port === undefined ? {} : { port }),
    ...(folder === undefined ? {} : { folder }),
    ...(blockTimeMs === undefined ? {} : { blockTimeMs }),
  };
  const checked = DevnetOptions.safeParse(overridden);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw badOption(issue?.path.join('.') || 'options', issue?.message ?? 'is wrong');
}

function readJson(file: string): object {
  try {
    return parseJson('DEVNET_OPTIONS_FILE', readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw badOption('DEVNET_OPTIONS_FILE', error.message);
    throw error;
  }
}

function parseJson(field: string, text: string): object {
  try {
    return z.looseObject({}).parse(JSON.parse(text));
  } catch {
    throw badOption(field, 'is not a JSON object');
  }
}
