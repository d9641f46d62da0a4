import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, ReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { HttpUrl, Secret, Sha256 } from '@tiltyard/schema';
import { startDeadline } from './download/deadline.js';
import { fileWork, writeSynced } from './durable-file.js';
import type { Content, GetOptions, ObjectStore, PutOptions, StoredNamedObject, StoredObject } from './interfaces.js';
import type { ContentKey, NamedKey, ObjectKey } from './object-key.js';
import { cacheControlOfKey, contentKey, contentTypeOfKey, parseKey, sha256OfKey } from './object-key.js';
import { publicUrls } from './public-url.js';
import type { ReadResult } from './read-content.js';
import { expectHash, readContent, sha256Of } from './read-content.js';
import { isNotFound, s3Fault } from './s3-fault.js';
import { StoreError } from './store-error.js';

export interface S3StoreOptions {
  /** Address of the S3 interface; undefined for Amazon's own of the region. */
  readonly endpoint?: HttpUrl | undefined;
  /** `auto` for Cloudflare R2. */
  readonly region: string;
  readonly bucket: string;
  /** Put before every key, as `competition-1/`; may be empty. */
  readonly prefix: string;
  /** Must be allowed to get, put and list objects (S3 calls a missing object denied to those who may not list). */
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Where the bucket's root is public. URLs are this, the prefix, the key. */
  readonly publicUrl: HttpUrl;
}

/** Larger content goes up in parts of this size, and is read back once to check what lies there. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
const ATTEMPTS = 5;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
/** Bound of one whole operation, its retries included. */
const OPERATION_TIMEOUT_MS = 10 * 60_000;

/**
 * Opens a store in a bucket of Amazon S3, Cloudflare R2 or anything that speaks S3. Nothing is asked of the bucket
 * until the first call.
 *
 * Content of one part is sent with its MD5, which the server checks before it accepts; content of several parts is
 * read back and hashed. A multipart upload becomes visible only when it is complete.
 */
export function openS3Store(options: S3StoreOptions): ObjectStore {
  return new S3Store(options);
}

/** What will be uploaded: in memory, or in a file, since its key is known only after its last byte. */
type Spooled = ReadResult & ({ readonly bytes: Uint8Array } | { readonly file: string });

class S3Store implements ObjectStore {
  readonly kind = 's3';
  readonly publicHost: string;
  readonly #client: S3Client;
  readonly #urls;

  constructor(private readonly options: S3StoreOptions) {
    this.#urls = publicUrls(withPrefix(options.publicUrl, options.prefix));
    this.publicHost = this.#urls.host;
    this.#client = new S3Client({
      region: options.region,
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
      credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey.reveal() },
      maxAttempts: ATTEMPTS,
      // R2 and others refuse the SDK's default trailing checksums; we send an MD5 and keep hashes of our own.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    });
  }

  async put(content: Content, options: PutOptions): Promise<StoredObject> {
    if (content instanceof Uint8Array) {
      const result = await readContent(content, () => undefined, options);
      return await this.#putSpooled({ ...result, bytes: content }, options);
    }
    const folder = await fileWork('mkdir', tmpdir(), () => mkdtemp(path.join(tmpdir(), 'tiltyard-store-')));
    try {
      const file = path.join(folder, randomUUID());
      return await this.#putSpooled({ ...(await writeSynced(file, content, options)), file }, options);
    } finally {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined); // the system's temporary folder
    }
  }

  async get(key: ContentKey, options: GetOptions): Promise<Uint8Array> {
    const bytes = await this.#read(key, options);
    if (!bytes) throw new StoreError({ code: 'not_found', key });
    const expected = sha256OfKey(key);
    const actual = sha256Of(bytes);
    if (actual !== expected) throw new StoreError({ code: 'hash_mismatch', key, expected, actual });
    return bytes;
  }

  async has(key: ObjectKey, options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean> {
    return (await this.#sizeOf(key, options?.signal)) !== undefined;
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
    const spooled = { sha256: sha256Of(bytes), sizeBytes: bytes.byteLength, bytes };
    await this.#upload(key, spooled, signal);
    return { key, sha256: spooled.sha256, sizeBytes: spooled.sizeBytes, url: this.url(key) };
  }

  getNamed(key: NamedKey, options: GetOptions): Promise<Uint8Array | undefined> {
    return this.#read(key, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  async #putSpooled(spooled: Spooled, { expectSha256, contentType, signal }: PutOptions): Promise<StoredObject> {
    const { sha256, sizeBytes } = spooled;
    expectHash(expectSha256, sha256);
    const key = contentKey(sha256, contentType);
    const stored = { key, sha256, sizeBytes, url: this.url(key) };
    if ((await this.#sizeOf(key, signal)) === sizeBytes && (await this.#hashOf(key, sizeBytes, signal)) === sha256) {
      return stored;
    }
    await this.#upload(key, spooled, signal);
    if (sizeBytes > PART_BYTES) {
      const actual = await this.#hashOf(key, sizeBytes, signal);
      if (actual !== sha256) {
        throw new StoreError({ code: 'hash_mismatch', key, expected: sha256, actual: actual ?? 'nothing' });
      }
    }
    return stored;
  }

  #at(key: ObjectKey) {
    return { Bucket: this.options.bucket, Key: this.options.prefix + parseKey(key) };
  }

  #upload(key: ObjectKey, spooled: Spooled, signal: AbortSignal | undefined): Promise<void> {
    const headers = {
      ...this.#at(key),
      ContentType: contentTypeOfKey(key),
      CacheControl: cacheControlOfKey(key),
      Metadata: { sha256: spooled.sha256 },
    };
    return this.#work('put', key, signal, async (abortSignal) => {
      if (spooled.sizeBytes <= PART_BYTES) {
        const body = await bytesOf(spooled, abortSignal);
        const md5 = createHash('md5').update(body).digest('base64');
        await this.#client.send(new PutObjectCommand({ ...headers, Body: body, ContentMD5: md5 }), { abortSignal });
        return;
      }
      const body = 'bytes' in spooled ? bufferOf(spooled.bytes) : createReadStream(spooled.file);
      const upload = new Upload({
        client: this.#client,
        params: { ...headers, Body: body },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
        leavePartsOnError: false,
      });
      const abort = () => void upload.abort();
      abortSignal.addEventListener('abort', abort, { once: true });
      try {
        await upload.done();
      } finally {
        abortSignal.removeEventListener('abort', abort);
        if (body instanceof ReadStream) body.destroy(); // an upload that fails leaves it open
      }
    });
  }

  async #sizeOf(key: ObjectKey, signal: AbortSignal | undefined): Promise<number | undefined> {
    return await this.#work('head', key, signal, async (abortSignal) => {
      try {
        const head = await this.#client.send(new HeadObjectCommand(this.#at(key)), { abortSignal });
        return head.ContentLength;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    });
  }

  async #hashOf(key: ObjectKey, maxBytes: number, signal: AbortSignal | undefined): Promise<Sha256 | undefined> {
    return (await this.#readInto(key, () => undefined, { maxBytes, signal }))?.sha256;
  }

  async #read(key: ObjectKey, options: GetOptions): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = [];
    const result = await this.#readInto(key, (chunk) => void chunks.push(chunk), options);
    return result && Buffer.concat(chunks, result.sizeBytes);
  }

  /** Reads an object through `consume`. A transfer that breaks off is not resumed: the caller's retry starts over. */
  async #readInto(
    key: ObjectKey,
    consume: (chunk: Uint8Array) => void,
    { maxBytes, signal }: GetOptions,
  ): Promise<ReadResult | undefined> {
    return await this.#work('get', key, signal, async (abortSignal) => {
      try {
        const found = await this.#client.send(new GetObjectCommand(this.#at(key)), { abortSignal });
        if (!found.Body) return undefined;
        return await readContent(found.Body as AsyncIterable<Uint8Array>, consume, { maxBytes, signal: abortSignal });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    });
  }

  /** Runs one operation within its bound and turns what it throws into a coded error. @throws also the signal's reason */
  async #work<T>(
    operation: string,
    key: ObjectKey,
    signal: AbortSignal | undefined,
    work: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    using deadline = startDeadline(OPERATION_TIMEOUT_MS, signal);
    try {
      return await work(deadline.signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw s3Fault(error, { operation, target: `${this.options.bucket}/${this.options.prefix}${key}`, key });
    }
  }
}

async function bytesOf(spooled: Spooled, signal: AbortSignal): Promise<Uint8Array> {
  if ('bytes' in spooled) return spooled.bytes;
  const chunks: Uint8Array[] = [];
  await readContent(createReadStream(spooled.file), (chunk) => void chunks.push(chunk), {
    maxBytes: spooled.sizeBytes,
    signal,
  });
  return Buffer.concat(chunks);
}

/** The same memory as the SDK likes to see it. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function withPrefix(publicUrl: HttpUrl, prefix: string): HttpUrl {
  return `${publicUrl.replace(/\/$/, '')}/${prefix}`;
}
