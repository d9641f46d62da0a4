import { z } from 'zod';

/** A prompt's name everywhere: the file name of its URL without extension, or the slug of its text. */
export const Stem = z
  .string()
  .regex(/^[A-Za-z0-9_][\w.-]{0,199}$/, 'is not a prompt name')
  // Results are kept in maps by stem: a name that every object inherits would be found where nothing is.
  .refine((name) => !(name in {}), 'is a reserved name')
  .brand<'Stem'>();
export type Stem = z.infer<typeof Stem>;

/** A round's number, from 0. */
export const Round = z.int().min(0).max(999_999);
export type Round = z.infer<typeof Round>;

/** A round's number in paths and commit messages: no sign, no leading zeros, as the source of a regular expression. */
export const ROUND_PATTERN = '0|[1-9]\\d{0,5}';

/** The processes that write the state repository, each owner of its own files. */
export const SERVICES = [
  'submission-collector',
  'generation-orchestrator',
  'judge-service',
  'round-manager',
  'operator',
] as const;
export const ServiceName = z.enum(SERVICES);
export type ServiceName = z.infer<typeof ServiceName>;
