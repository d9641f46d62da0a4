import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type HttpUrl, isFault } from '@tiltyard/schema';
import { fileWork, removeAbandoned, syncFolder, writeSynced } from './durable-file.js';
import type { Content, GetOptions, ObjectStore, PutOptions, StoredNamedObject, StoredObject } from './interfaces.js';
import type { ContentKey, NamedKey, ObjectKey } from './object-key.js';
import { contentKey, parseKey, sha256OfKey } from './object-key.js';
import { publicUrls } from './public-url.js';
import { expectHash, readContent, sha256Of } from './read-content.js';
import { errnoOf, fileFault, StoreError } from './store-error.js';

export interface FilesystemStoreOptions {
  /** Folder of the objects; made where it is missing. All writers and the server share it. */
  readonly dir: string;
  /** Where `serveStore` (or any static server) shows this folder. */
  readonly publicUrl: HttpUrl;
}

/** Where objects lie while they are being written. Its name begins with a dot, so that no key can name it. */
const INCOMING = '.incoming';

/**
 * Opens a store in a folder.
 *
 * An object is written aside, synced, renamed into place, and its folders are synced: after a power cut it is there
 * whole or not at all.
 *
 * @throws StoreError `io`, `disk_full`
 */
export async function openFilesystemStore({ dir, publicUrl }: FilesystemStoreOptions): Promise<ObjectStore> {
  const root = path.resolve(dir);
  const incoming = path.join(root, INCOMING);
  await fileWork('mkdir', incoming, () => mkdir(incoming, { recursive: true }));
  // Housekeeping only: a reader must be able to open a store whose disk is full.
  await removeAbandoned(incoming).catch(() => undefined);
  return new FilesystemStore(root, incoming, publicUrl);
}

class FilesystemStore implements ObjectStore {
  readonly kind = 'filesystem';
  readonly publicHost: string;
  readonly #urls;

  constructor(
    private readonly root: string,
    private readonly incoming: string,
    publicUrl: HttpUrl,
  ) {
    this.#urls = publicUrls(publicUrl);
    this.publicHost = this.#urls.host;
  }

  async put(content: Content, options: PutOptions): Promise<StoredObject> {
    const temporary = this.#temporaryPath();
    try {
      const { sha256, sizeBytes } = await writeSynced(temporary, content, options);
      expectHash(options.expectSha256, sha256);
      const key = contentKey(sha256, options.contentType);
      // Writing first and comparing then costs one file; it keeps one order of steps for bytes and for streams.
      if (!(await this.#holds(key, sizeBytes, options.signal))) await this.#moveInto(temporary, key);
      await this.#syncFolders(key);
      return { key, sha256, sizeBytes, url: this.url(key) };
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined); // removed on the next start where this fails
    }
  }

  async get(key: ContentKey, options: GetOptions): Promise<Uint8Array> {
    const bytes = await this.#read(parseKey(key), options);
    if (!bytes) throw new StoreError({ code: 'not_found', key });
    const actual = sha256Of(bytes);
    const expected = sha256OfKey(key);
    if (actual !== expected) throw new StoreError({ code: 'hash_mismatch', key, expected, actual });
    return bytes;
  }

  async has(key: ObjectKey): Promise<boolean> {
    const file = this.#path(key);
    try {
      return (await stat(file)).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw fileFault(error, 'stat', file);
    }
  }

  url(key: ObjectKey): HttpUrl {
    return this.#urls.url(key);
  }

  keyOf(url: string): ObjectKey | undefined {
    return this.#urls.keyOf(url);
  }

  async putNamed(
    key: NamedKey,
    bytes: Uint8Array,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<StoredNamedObject> {
    const temporary = this.#temporaryPath();
    try {
      const { sha256, sizeBytes } = await writeSynced(temporary, bytes, { maxBytes: bytes.byteLength, signal });
      await this.#moveInto(temporary, key);
      await this.#syncFolders(key);
      return { key, sha256, sizeBytes, url: this.url(key) };
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  getNamed(key: NamedKey, options: GetOptions): Promise<Uint8Array | undefined> {
    return this.#read(key, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open between calls.
  }

  #path(key: ObjectKey): string {
    return path.join(this.root, parseKey(key));
  }

  #temporaryPath(): string {
    return path.join(this.incoming, `${process.pid}-${randomUUID()}`);
  }

  /** Whether the object is there, whole and true. */
  async #holds(key: ContentKey, sizeBytes: number, signal: AbortSignal | undefined): Promise<boolean> {
    const file = this.#path(key);
    const found = await stat(file).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw fileFault(error, 'stat', file);
    });
    if (found?.size !== sizeBytes) return false;
    try {
      const { sha256 } = await readContent(createReadStream(file), () => undefined, { maxBytes: sizeBytes, signal });
      return sha256 === sha256OfKey(key);
    } catch (error) {
      // An object that cannot be read is as good as missing: it is replaced.
      if (isFault(error, StoreError, 'content_failed')) return false;
      throw error;
    }
  }

  async #moveInto(temporary: string, key: ObjectKey): Promise<void> {
    const file = this.#path(key);
    await fileWork('mkdir', path.dirname(file), () => mkdir(path.dirname(file), { recursive: true }));
    await fileWork('rename', file, () => rename(temporary, file));
  }

  /**
   * Makes the object's names durable, from its folder up to the root. All of them every time: another process may
   * have made a folder, or moved this very object, and died before it synced.
   */
  async #syncFolders(key: ObjectKey): Promise<void> {
    for (let folder = path.dirname(this.#path(key)); folder.startsWith(this.root); folder = path.dirname(folder)) {
      await syncFolder(folder);
    }
  }

  async #read(key: ObjectKey, { maxBytes, signal }: GetOptions): Promise<Uint8Array | undefined> {
    const file = this.#path(key);
    signal?.throwIfAborted();
    let handle: FileHandle;
    try {
      handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileFault(error, 'open', file);
    }
    try {
      if ((await handle.stat()).size > maxBytes) throw new StoreError({ code: 'too_large', key, limitBytes: maxBytes });
      return await handle.readFile(signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw fileFault(error, 'read', file);
    } finally {
      await handle.close();
    }
  }
}

function isMissing(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}
