import { createHash } from 'node:crypto';
import { distance, type Embedder, type Embedding, EmbedError } from '@tiltyard/embed';
import { isFault } from '@tiltyard/schema';
import { LRUCache } from 'lru-cache';
import { viewsOf } from './picture-views.js';

/** How far a candidate's picture is from the prompt's. */
export interface PictureDistance {
  /** Of the view that is nearest to the prompt; 1 where the candidate shows nothing at all. */
  readonly distance: number;
  /** Views of the candidate that show something. */
  readonly views: number;
}

export type MeasureDistance = (prompt: Uint8Array, candidate: Uint8Array) => Promise<PictureDistance>;

/** The distance of a blank picture: at right angles to everything. */
const BLANK_DISTANCE = 1;
/** Every grid comes back in both orders and in several matches. */
const MAX_REMEMBERED = 512;

/**
 * Measures how far candidates are from prompts, by their best views.
 *
 * A prompt shows an object from one side, a grid from four: the grid's nearest view counts.
 *
 * @returns A function that throws EmbedError where a picture cannot be measured; `blank_image` only for the prompt.
 */
export function pictureDistances(embedder: Embedder): MeasureDistance {
  const remembered = new LRUCache<string, Promise<readonly Embedding[]>>({ max: MAX_REMEMBERED });
  const embeddings = (picture: Uint8Array): Promise<readonly Embedding[]> => {
    const key = createHash('sha256').update(picture).digest('hex');
    const known = remembered.get(key) ?? embedViews(embedder, picture);
    remembered.set(key, known);
    known.catch(() => remembered.delete(key));
    return known;
  };
  return async (prompt, candidate) => {
    const [asked, shown] = await Promise.all([embeddings(prompt), embeddings(candidate)]);
    if (asked.length === 0) throw new EmbedError({ code: 'blank_image' });
    const distances = asked.flatMap((one) => shown.map((other) => distance(one, other)));
    return { distance: distances.length === 0 ? BLANK_DISTANCE : Math.min(...distances), views: shown.length };
  };
}

/** The embeddings of a picture's views, but for blank ones. */
async function embedViews(embedder: Embedder, picture: Uint8Array): Promise<readonly Embedding[]> {
  const views = await viewsOf(picture);
  const embedded = await Promise.all(views.map((view) => embedUnlessBlank(embedder, view)));
  return embedded.filter((one) => one !== undefined);
}

async function embedUnlessBlank(embedder: Embedder, view: Uint8Array): Promise<Embedding | undefined> {
  try {
    return await embedder.embed(view);
  } catch (error) {
    if (isFault(error, EmbedError, 'blank_image')) return undefined;
    throw error;
  }
}
