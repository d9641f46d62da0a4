import { z } from 'zod';
import { PromptLine } from '../prompt.js';

/** prompts.txt: one prompt a line. */
export const PromptLines = z.array(PromptLine).max(1_000_000);
export type PromptLines = readonly string[];
