import type { Sha256 } from '@tiltyard/schema';
import { Sha256 as Sha256Schema } from '@tiltyard/schema';
import { z } from 'zod';
import { StoreError } from './store-error.js';

/**
 * What a store may hold, by file extension. The extension is part of the key and decides the content type, so that a
 * file system needs no metadata next to the file. No browser ever runs anything here.
 */
export const CONTENT_TYPES = {
  glb: 'model/gltf-binary',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  bin: 'application/octet-stream',
} as const;

export type Extension = keyof typeof CONTENT_TYPES;
export type ContentType = (typeof CONTENT_TYPES)[Extension];

const EXTENSIONS = Object.keys(CONTENT_TYPES).join('|');

/** The key of an object that is named by its content: `sha256/ab/cdef….glb`. */
export const ContentKey = z
  .string()
  // linear: a fixed number of digits, then known extensions
  .regex(new RegExp(`^sha256/[0-9a-f]{2}/[0-9a-f]{62}\\.(?:${EXTENSIONS})$`), 'is not named by a sha256')
  .brand<'ContentKey'>();
export type ContentKey = z.infer<typeof ContentKey>;

/**
 * The key of an object whose writer chose the name: folders and a file of [A-Za-z0-9._-], none beginning with a dot,
 * at most 512 characters, outside `sha256/`.
 */
export const NamedKey = z
  .string()
  .max(512)
  .regex(
    // linear: segments up to their slash, bounded in number and length
    new RegExp(`^(?:[A-Za-z0-9_-][\\w.-]{0,127}/){1,8}[A-Za-z0-9_-][\\w.-]{0,127}\\.(?:${EXTENSIONS})$`),
    'is not FOLDER/…/NAME.EXTENSION',
  )
  .refine((key) => !key.startsWith('sha256/'), 'lies in sha256/, which is for keys made from content')
  .brand<'NamedKey'>();
export type NamedKey = z.infer<typeof NamedKey>;

export type ObjectKey = ContentKey | NamedKey;

/** The key under which content of this hash and type lies. */
export function contentKey(sha256: Sha256, contentType: ContentType): ContentKey {
  return ContentKey.parse(`sha256/${sha256.slice(0, 2)}/${sha256.slice(2)}.${extensionOf(contentType)}`);
}

/** The hash that the content under this key must have. */
export function sha256OfKey(key: ContentKey): Sha256 {
  return Sha256Schema.parse(key.slice(7, 9) + key.slice(10, 72));
}

/** The content type of the object under this key. */
export function contentTypeOfKey(key: ObjectKey): ContentType {
  const extension = key.slice(key.lastIndexOf('.') + 1);
  return CONTENT_TYPES[extension as Extension];
}

/** How long a cache may keep a copy: for ever where the key is the content's hash, else only after asking again. */
export function cacheControlOfKey(key: ObjectKey): string {
  return isContentKey(key) ? 'public, max-age=31536000, immutable' : 'public, no-cache';
}

export function isContentKey(key: ObjectKey): key is ContentKey {
  return key.startsWith('sha256/');
}

/**
 * Checks a key that came from outside.
 *
 * @throws StoreError `bad_key`
 */
export function parseKey(text: string): ObjectKey {
  const schema = text.startsWith('sha256/') ? ContentKey : NamedKey;
  const parsed = schema.safeParse(text);
  if (!parsed.success) {
    const detail = parsed.error.issues[0]?.message ?? 'is not a key';
    throw new StoreError({ code: 'bad_key', key: text.slice(0, 200), detail });
  }
  return parsed.data;
}

function extensionOf(contentType: ContentType): Extension {
  for (const [extension, type] of Object.entries(CONTENT_TYPES)) {
    if (type === contentType) return extension as Extension;
  }
  throw new StoreError({
    code: 'bad_key',
    key: String(contentType).slice(0, 100),
    detail: 'is not a known content type',
  });
}
