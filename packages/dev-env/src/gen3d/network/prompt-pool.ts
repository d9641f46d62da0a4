import { writeFile } from 'node:fs/promises';
import type { Renderer } from '@tiltyard/render';
import type { LightingName } from '@tiltyard/schema/gen3d';
import { NamedKey, type ObjectStore } from '@tiltyard/store';
import { type CatalogueEntry, catalogueEntry } from '../miners/catalogue.js';
import type { ObjectSource } from '../objects/object-source.js';
import { planPrompts } from '../objects/prompt-plan.js';
import { renderPrompt } from '../objects/render-prompt.js';

export interface PromptPoolOptions {
  readonly source: ObjectSource;
  /** How many prompts the pool holds, if the objects give so many. */
  readonly count: number;
  readonly renderer: Renderer;
  readonly lighting: LightingName;
  readonly store: ObjectStore;
  readonly catalogueFile: string;
  readonly signal?: AbortSignal;
}

/**
 * Makes the prompt pool: pictures of the original objects from angles that the grids do not use, put into the store, and
 * the catalogue by which sample miners recognise them.
 *
 * @returns the lines of prompts.txt
 * @throws SampleError for an object that the renderer refuses; the signal's reason
 */
export async function makePromptPool(options: PromptPoolOptions): Promise<readonly string[]> {
  const { source, count, store, catalogueFile, signal } = options;
  const lines: string[] = [];
  const pictures: CatalogueEntry[] = [];
  for (const shot of planPrompts(source.names, count)) {
    signal?.throwIfAborted();
    const picture = await renderPrompt(shot, options);
    const { url } = await store.putNamed(NamedKey.parse(`prompts/${shot.stem}.png`), picture);
    lines.push(url);
    pictures.push(catalogueEntry(picture, shot.stem, shot.object));
  }
  await writeFile(catalogueFile, JSON.stringify({ pictures }));
  return lines;
}
