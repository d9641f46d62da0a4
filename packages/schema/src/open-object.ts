import { z } from 'zod';

/**
 * An object schema that keeps fields that it does not know.
 *
 * Formats only ever gain optional fields (DESIGN 4), and services read, extend and write whole files: a field that a
 * newer version wrote must survive a rewrite by an older one. The static type still lists the known fields only, so
 * that a misspelt field does not type-check.
 */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape) as unknown as z.ZodObject<Shape>;
}
