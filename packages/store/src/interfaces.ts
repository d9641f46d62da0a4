import type { HttpUrl, Sha256 } from '@tiltyard/schema';
import type { ContentKey, ContentType, NamedKey, ObjectKey } from './object-key.js';

/** Bytes to be stored: at once, or as a stream of chunks (a Node or web stream, or any async iterable). */
export type Content = Uint8Array | AsyncIterable<Uint8Array>;

export interface PutOptions {
  readonly contentType: ContentType;
  /** More bytes than this are refused while they arrive, and nothing of them is kept. */
  readonly maxBytes: number;
  /** The hash that the content must have, where the caller knows it. */
  readonly expectSha256?: Sha256 | undefined;
  /** Ends the operation; a stream that stalls is bounded by this alone. */
  readonly signal?: AbortSignal | undefined;
}

/** An object that is durable: it survives a power cut, and its bytes have been checked. */
export interface StoredObject {
  readonly key: ContentKey;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly url: HttpUrl;
}

/** A durable object under a name of its writer's choice. */
export interface StoredNamedObject {
  readonly key: NamedKey;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly url: HttpUrl;
}

export interface GetOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the competition's files are: models, renders, judges' answers. Anyone can read them by URL.
 *
 * Content is named by its hash, so that storing again is harmless, an orphan does no harm, and a reader can tell
 * damaged bytes from true ones. Any number of processes may write to one store at once.
 *
 * Every method throws `StoreError`; an error is always ours, never a verdict on what was to be stored.
 */
export interface ObjectStore extends AsyncDisposable {
  readonly kind: 'filesystem' | 's3';

  /** `host:port` of the public URLs, as an allow-list of `guardedDownload` and `fetchObject` names it. */
  readonly publicHost: string;

  /**
   * Stores content under its hash and returns when it is durable. Content that is already there is read again and
   * checked; where it is damaged it is replaced.
   *
   * @throws StoreError `too_large`, `hash_mismatch` (with expectSha256), `content_failed`, `disk_full`, `io`,
   * `unavailable`, `denied`; the signal's reason; no partial object is ever visible.
   */
  put(content: Content, options: PutOptions): Promise<StoredObject>;

  /**
   * Reads an object and checks it against the hash in its key.
   *
   * @throws StoreError `not_found`, `too_large`, `hash_mismatch`, `io`, `unavailable`, `denied`; the signal's reason
   */
  get(key: ContentKey, options: GetOptions): Promise<Uint8Array>;

  /** Whether an object lies under the key. Its bytes are not read. */
  has(key: ObjectKey, options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>;

  /** The public URL of a key, whether or not an object lies there. */
  url(key: ObjectKey): HttpUrl;

  /** The key behind one of this store's public URLs; undefined for any other URL. */
  keyOf(url: string): ObjectKey | undefined;

  /**
   * Stores bytes under a name of the caller's choice, replacing what was there at one stroke, and returns when they
   * are durable. The name says nothing about the bytes: a reader that must know keeps a hash within them.
   */
  putNamed(
    key: NamedKey,
    bytes: Uint8Array,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<StoredNamedObject>;

  /** Reads what lies under a name; undefined where nothing does. */
  getNamed(key: NamedKey, options: GetOptions): Promise<Uint8Array | undefined>;
}
