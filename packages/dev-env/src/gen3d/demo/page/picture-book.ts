import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectStore } from '@tiltyard/store';
import PQueue from 'p-queue';
import sharp from 'sharp';

/** Pictures next to the pages, small enough for hundreds of them. */
export interface PictureBook {
  /**
   * Puts a picture of the store next to the pages.
   *
   * @returns its file name within the pictures' folder; undefined for a URL that is no object of the store.
   */
  add(url: string, edgePx: number): Promise<string | undefined>;
}

const MAX_PICTURE_BYTES = 64 * 1024 * 1024;
const MAX_PICTURE_PIXELS = 64 * 1024 * 1024;
/** Copying pictures must not hold up the services that the demo is about. */
const AT_ONCE = 1;
const QUALITY = 82;

/** Opens a folder of pictures; each is scaled down and written once. */
export async function openPictureBook(folder: string, store: ObjectStore): Promise<PictureBook> {
  await mkdir(folder, { recursive: true });
  const queue = new PQueue({ concurrency: AT_ONCE });
  const known = new Map<string, Promise<string | undefined>>();

  async function copy(url: string, edgePx: number): Promise<string | undefined> {
    const key = store.keyOf(url);
    if (key === undefined) return undefined;
    const options = { maxBytes: MAX_PICTURE_BYTES };
    const bytes = isContentKey(key) ? await store.get(key, options) : await store.getNamed(key, options);
    if (bytes === undefined) return undefined;
    const small = await sharp(bytes, { limitInputPixels: MAX_PICTURE_PIXELS })
      .resize(edgePx, edgePx, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer();
    const name = `${createHash('sha256').update(small).digest('hex').slice(0, 20)}.webp`;
    await writeFile(path.join(folder, name), small);
    return name;
  }

  return {
    add(url, edgePx) {
      const key = `${edgePx} ${url}`;
      const picture = known.get(key) ?? queue.add(() => copy(url, edgePx));
      known.set(key, picture);
      return picture;
    },
  };
}

type Key = NonNullable<ReturnType<ObjectStore['keyOf']>>;

function isContentKey(key: Key): key is Parameters<ObjectStore['get']>[0] {
  return key.startsWith('sha256/');
}
