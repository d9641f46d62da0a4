import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Sha256 } from '@tiltyard/schema';
import { assertUnit } from './distance.js';
import type { EmbedderId, EmbedLogger } from './interfaces.js';

/**
 * One file a vector: 32 bytes of sha256 over embedder id, picture and vector, then the vector's float32s, little-endian.
 *
 * A file that does not prove itself is deleted and computed again. The directory is only ever a shortcut: what fails
 * in reading or writing it is logged and passed over.
 */
export class DirectoryCache {
  readonly #dir: string;
  readonly #log: EmbedLogger;

  constructor(dir: string, log: EmbedLogger) {
    this.#dir = dir;
    this.#log = log;
  }

  async get(id: EmbedderId, picture: Sha256): Promise<Float32Array | undefined> {
    const file = this.#fileOf(id, picture);
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#log.warn({ file, err: error }, 'cache not readable');
      return undefined;
    }
    try {
      return unseal(bytes, id, picture);
    } catch (error) {
      this.#log.warn({ file, err: error }, 'damaged cache entry removed');
      await rm(file, { force: true }).catch(() => undefined);
      return undefined;
    }
  }

  async set(id: EmbedderId, picture: Sha256, vector: Float32Array): Promise<void> {
    const file = this.#fileOf(id, picture);
    const temporary = `${file}.${randomUUID()}.tmp`;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await using handle = await open(temporary, 'wx');
      await handle.writeFile(seal(vector, id, picture));
      await handle.sync();
      await rename(temporary, file);
    } catch (error) {
      this.#log.warn({ file, err: error }, 'cache not writable');
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #fileOf(id: EmbedderId, picture: Sha256): string {
    const folder = id.replaceAll(/[^\w.-]/g, '_');
    return path.join(this.#dir, folder, picture.slice(0, 2), `${picture}.f32`);
  }
}

const SEAL_BYTES = 32;

function sealOf(body: Uint8Array, id: EmbedderId, picture: Sha256): Buffer {
  return createHash('sha256').update(`${id}\n${picture}\n`).update(body).digest();
}

function seal(vector: Float32Array, id: EmbedderId, picture: Sha256): Buffer {
  const body = Buffer.alloc(vector.length * 4);
  vector.forEach((value, i) => {
    body.writeFloatLE(value, i * 4);
  });
  return Buffer.concat([sealOf(body, id, picture), body]);
}

function unseal(bytes: Buffer, id: EmbedderId, picture: Sha256): Float32Array {
  const body = bytes.subarray(SEAL_BYTES);
  if (!sealOf(body, id, picture).equals(bytes.subarray(0, SEAL_BYTES))) throw new Error('its checksum does not fit');
  const vector = Float32Array.from({ length: body.length / 4 }, (_, i) => body.readFloatLE(i * 4));
  assertUnit(vector);
  return vector;
}
