import { IntText } from '@tiltyard/schema';
import { z } from 'zod';

/** A port to listen on; 0 takes any free one. */
export const Port = IntText.pipe(z.int().max(65_535));

/** A number of milliseconds, at most ten minutes. */
export const Milliseconds = IntText.pipe(z.int().max(600_000));

/** `300-600`: a range of milliseconds, at most ten minutes. */
export const MillisecondRange = z
  .string()
  .regex(/^\d{1,6}-\d{1,6}$/, 'is not a range such as 300-600')
  .transform((text) => text.split('-').map(Number) as [number, number])
  .refine(([from, to]) => from <= to && to <= 600_000, 'is not a rising range up to 600000')
  .transform(([fromMs, toMs]) => ({ fromMs, toMs }));
export type MillisecondRange = z.infer<typeof MillisecondRange>;
