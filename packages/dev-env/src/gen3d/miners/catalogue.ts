import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Sha256 } from '@tiltyard/schema';
import { Stem } from '@tiltyard/schema/gen3d';
import { z } from 'zod';
import { SampleError } from '../objects/sample-error.js';

/**
 * What sample miners know about the prompts' pictures. A real miner's model looks at a picture; a sample miner looks the
 * picture's hash up here, and that is all its intelligence.
 */
export const Catalogue = z.strictObject({
  pictures: z.array(z.strictObject({ sha256: Sha256, stem: Stem, object: z.string().min(1).max(200) })).max(100_000),
});
export type Catalogue = z.infer<typeof Catalogue>;
export type CatalogueEntry = Catalogue['pictures'][number];

/** Tells which object a picture shows; undefined for an unknown picture. */
export type Recognise = (picture: Uint8Array) => CatalogueEntry | undefined;

/** The catalogue's entry for a picture that shows an object. */
export function catalogueEntry(picture: Uint8Array, stem: Stem, object: string): CatalogueEntry {
  return { sha256: hashOf(picture), stem, object };
}

/** Recognises the pictures of a catalogue. */
export function recogniser({ pictures }: Catalogue): Recognise {
  const bySha256 = new Map(pictures.map((entry) => [entry.sha256, entry]));
  return (picture) => bySha256.get(hashOf(picture));
}

/**
 * Reads a catalogue from a JSON file.
 *
 * @throws SampleError `unreadable`
 */
export async function readCatalogue(file: string): Promise<Catalogue> {
  try {
    return Catalogue.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const detail = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new SampleError({ code: 'unreadable', target: file, detail }, { cause });
  }
}

function hashOf(picture: Uint8Array): Sha256 {
  return Sha256.parse(createHash('sha256').update(picture).digest('hex'));
}
