import { HostAndPort } from '@tiltyard/store';
import { z } from 'zod';
import { SampleError } from '../objects/sample-error.js';

/** A port to listen on; 0 takes any free one. */
export const Port = z.coerce.number().int().min(0).max(65_535);

/** `127.0.0.1:4001,127.0.0.1:4002`: hosts of the local network that may be reached. */
export const HostList = z
  .string()
  .transform((text) => text.split(',').filter((host) => host !== ''))
  .pipe(z.array(HostAndPort).max(64));

/** `300-600`: a range of milliseconds, at most ten minutes. */
export const MillisecondRange = z
  .string()
  .regex(/^\d{1,6}-\d{1,6}$/, 'is not a range such as 300-600')
  .transform((text) => text.split('-').map(Number) as [number, number])
  .refine(([from, to]) => from <= to && to <= 600_000, 'is not a rising range up to 600000')
  .transform(([fromMs, toMs]) => ({ fromMs, toMs }));
export type MillisecondRange = z.infer<typeof MillisecondRange>;

/**
 * A configuration from the environment; an empty variable counts as absent.
 *
 * @throws SampleError `bad_config`, which names the variable
 */
export function parseEnvironment<T>(schema: z.ZodType<T>, environment: NodeJS.ProcessEnv): T {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'environment';
  throw new SampleError({ code: 'bad_config', field, problem: issue?.message ?? 'is not usable' });
}
