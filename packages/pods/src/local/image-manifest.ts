import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PodError } from '../pod-error.js';

const Text = z
  .string()
  .max(32_768)
  .refine((text) => !text.includes('\0'), 'holds a zero byte');

/** A local "image": the command that a container of it would run. */
export const ImageManifest = z.strictObject({
  /** A program by path, or by name on PATH. It must listen on 127.0.0.1 at the port in the environment's PORT. */
  command: Text.min(1),
  args: z.array(Text).max(256).default([]),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_]\w*$/, 'is not a variable name')
        .max(200),
      Text,
    )
    .default({}),
  /** The directory to run in. */
  cwd: Text.min(1).refine(path.isAbsolute, 'is not an absolute path'),
});
export type ImageManifest = z.infer<typeof ImageManifest>;

const MAX_MANIFEST_BYTES = 1024 * 1024;
const ImageReference = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\w][\w./:@-]*$/, 'is not an image reference');

/**
 * Publishes a local image under a reference such as `local/5abc…:28900bb-name-0`, whole or not at all.
 *
 * @throws {PodError} `bad_image` for a reference or manifest that cannot be one.
 */
export async function writeImageManifest(
  imageDir: string,
  image: string,
  manifest: z.input<typeof ImageManifest>,
): Promise<void> {
  const file = manifestFile(imageDir, image);
  const content = parsed(image, ImageManifest.safeParse(manifest));
  await mkdir(imageDir, { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  await using handle = await open(temporary, 'wx');
  await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
  await handle.sync();
  await rename(temporary, file);
}

/**
 * Reads a local image.
 *
 * @throws {PodError} `bad_image` when it is absent or not a manifest; what the file system says when it cannot be read.
 */
export async function readImageManifest(imageDir: string, image: string): Promise<ImageManifest> {
  const file = manifestFile(imageDir, image);
  const text = await readManifest(file, image);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PodError({ code: 'bad_image', image, detail: (cause as Error).message }, { cause });
  }
  return parsed(image, ImageManifest.safeParse(json));
}

async function readManifest(file: string, image: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= MAX_MANIFEST_BYTES) return await readFile(file, 'utf8');
    throw new PodError({ code: 'bad_image', image, detail: `its manifest has ${size} bytes` });
  } catch (cause) {
    // A folder that cannot be read says nothing about an image.
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new PodError({ code: 'bad_image', image, detail: 'no such local image', isAbsent: true }, { cause });
  }
}

/** One file an image; the reference is percent-encoded, so that it cannot lead out of the directory. */
function manifestFile(imageDir: string, image: string): string {
  return path.join(imageDir, `${encodeURIComponent(parsed(image, ImageReference.safeParse(image)))}.json`);
}

function parsed<T>(image: string, result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  throw new PodError({ code: 'bad_image', image: image.slice(0, 200), detail: z.prettifyError(result.error) });
}
