import { z } from 'zod';
import { Sha256 } from '../../names.js';
import { openObject } from '../../open-object.js';
import { Stem } from '../names.js';

/** What the picture of a prompt may be. */
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

/** One prompt's picture, as it was when the round's prompts were drawn: everybody is given these bytes. */
export const PromptImage = openObject({
  url: z.string().min(1).max(2048).describe('where its bytes are kept; its own address is the line of prompts.txt'),
  sha256: Sha256.describe('of its bytes'),
  type: z.enum(PICTURE_TYPES).describe('what it is, by its first bytes'),
  bytes: z.int().min(1).describe('how many'),
});
export type PromptImage = z.infer<typeof PromptImage>;

/** prompt_images.json: prompt stem → picture. Text prompts have none. */
export const PromptImages = z.record(Stem, PromptImage);
export type PromptImages = Readonly<Record<Stem, PromptImage>>;
