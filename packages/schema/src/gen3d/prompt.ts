import { createHash } from 'node:crypto';
import { z } from 'zod';
import { HttpUrl } from '../names.js';
import { Stem } from './names.js';

const TEXT_PREFIX = 'text:';

/** A prompt as a round's prompts.txt holds it, parsed. `line` is the line itself and identifies the prompt. */
export type Prompt =
  | { readonly kind: 'image'; readonly line: string; readonly stem: Stem; readonly url: string }
  | { readonly kind: 'text'; readonly line: string; readonly stem: Stem; readonly text: string };

/**
 * One line of prompts.txt: the URL of an image, or `text: …`.
 *
 * An image prompt's stem is its file name without extension. A text prompt's stem is a slug of at most 40 characters
 * and the first 8 hex digits of the text's sha256, so that two texts with one slug stay apart.
 *
 * @returns undefined when the line is neither, or when its stem would not be a safe file name.
 */
export function parsePrompt(line: string): Prompt | undefined {
  if (line.startsWith(TEXT_PREFIX)) {
    const text = line.slice(TEXT_PREFIX.length).trim();
    if (text === '' || text.length > 2000) return undefined;
    const stem = Stem.safeParse(textStem(text));
    return stem.success ? { kind: 'text', line, stem: stem.data, text } : undefined;
  }
  if (!HttpUrl.safeParse(line).success) return undefined;
  const stem = Stem.safeParse(urlStem(line));
  return stem.success ? { kind: 'image', line, stem: stem.data, url: line } : undefined;
}

/**
 * The stem of a prompt line that is known to be valid, as every line is that came through the schema.
 *
 * @throws RangeError when the line is not a prompt.
 */
export function stemOf(line: string): Stem {
  return promptOf(line).stem;
}

/** As {@link parsePrompt}, for lines that came through the schema. @throws RangeError when the line is not a prompt. */
export function promptOf(line: string): Prompt {
  const prompt = parsePrompt(line);
  if (prompt === undefined) throw new RangeError(`not a prompt: ${line.slice(0, 100)}`);
  return prompt;
}

function urlStem(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

function textStem(text: string): string {
  const slug = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40)
    .replace(/-$/, '');
  const digest = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 8);
  return slug === '' ? digest : `${slug}-${digest}`;
}

/** Control characters and line separators, which some reader takes for the end of a line, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** A line of prompts.txt. It must read back as it was written, so it is one line, without blanks around it. */
export const PromptLine = z
  .string()
  .max(2048)
  .refine((line) => line.trim() === line && !UNPRINTABLE.test(line), 'is not one line of plain text')
  .refine((line) => parsePrompt(line) !== undefined, 'is neither an image URL nor "text: …"');
