import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { endProcesses, freePort, holdProcess, inherited, isRunning, KILLED_MS, readLog } from '@tiltyard/processes';
import type { CallOptions, Pod, PodProvider, PodRequest } from '../interfaces.js';
import { PodError } from '../pod-error.js';
import type { PodName } from '../pod-name.js';
import { readImageManifest } from './image-manifest.js';
import { type PodRecord, PodRecords } from './pod-record.js';

export interface LocalPodsOptions {
  /** Where the local builder writes image manifests. */
  readonly imageDir: string;
  /** Where records and logs of pods are kept. Providers that open the same directory see and own the same pods. */
  readonly stateDir: string;
  /** How long a pod may take to end when asked to, in milliseconds; then it is killed. */
  readonly graceMs?: number;
}

export const LOCAL_PODS_DEFAULTS = { graceMs: 5000 } as const;

/**
 * Pods as processes on this machine: an image is a manifest that names a command, and a pod is that command on a free
 * loopback port. For the local network and for tests; needs Linux (/proc) and /bin/sh.
 *
 * Pods outlive this process, as they do at any provider. What a request says of GPU, port and concurrency has no
 * meaning here. Logs are kept, and nothing bounds them. There is no isolation: images must be trusted.
 */
export function openLocalPods(options: LocalPodsOptions): PodProvider {
  return new LocalPods({ ...LOCAL_PODS_DEFAULTS, ...options });
}

/** The environment variable that marks all processes of a pod. */
const MARK = 'TILTYARD_POD';
/** What a pod's program sees of our environment: where programs and libraries are, and nothing secret. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH'] as const;

class LocalPods implements PodProvider {
  readonly kind = 'local';
  readonly #options: Required<LocalPodsOptions>;
  readonly #records: PodRecords;
  /** Ports of deploys under way, whose records are not written yet. */
  readonly #ports = new Set<number>();

  constructor(options: Required<LocalPodsOptions>) {
    this.#options = options;
    this.#records = new PodRecords(options.stateDir);
  }

  deploy(request: PodRequest, { signal }: CallOptions = {}): Promise<Pod> {
    return asPodErrors(signal, async () => {
      const known = await this.#records.read(request.name);
      if (known !== undefined) return this.#found(known, request.image);
      const started = await this.#start(request);
      if (started !== undefined) return this.#podOf(started);
      // Another process took the name meanwhile.
      const other = await this.#records.read(request.name);
      if (other !== undefined) return this.#found(other, request.image);
      throw new Error(`${request.name} was deleted meanwhile`);
    });
  }

  get(name: PodName, { signal }: CallOptions = {}): Promise<Pod | undefined> {
    return asPodErrors(signal, async () => {
      const record = await this.#records.read(name);
      return record === undefined ? undefined : this.#podOf(record);
    });
  }

  list(prefix: string, { signal }: CallOptions = {}): Promise<readonly Pod[]> {
    return asPodErrors(signal, async () => {
      const records = await this.#records.list(prefix);
      return Promise.all(records.map((record) => this.#podOf(record)));
    });
  }

  delete(name: PodName, { signal }: CallOptions = {}): Promise<void> {
    return asPodErrors(signal, async () => {
      const record = await this.#records.read(name);
      if (record !== undefined) await this.#end(record);
    });
  }

  deleteByPrefix(prefix: string, { signal }: CallOptions = {}): Promise<readonly PodName[]> {
    return asPodErrors(signal, async () => {
      const records = await this.#records.list(prefix);
      const results = await Promise.allSettled(records.map((record) => this.#end(record)));
      const names = records.map((record) => record.name);
      const failed = names.filter((_, i) => results[i]?.status === 'rejected');
      if (failed.length === 0) return names;
      const cause = results.find((result) => result.status === 'rejected')?.reason;
      throw new PodError({ code: 'not_deleted', names: failed, detail: String(cause) }, { cause });
    });
  }

  /** @returns the record, or undefined when the name was taken meanwhile. */
  async #start({ name, image, env = {} }: PodRequest): Promise<PodRecord | undefined> {
    const { env: ofImage, ...manifest } = await readImageManifest(this.#options.imageDir, image);
    const taken = (await this.#records.list('')).map((record) => record.port);
    const port = await freePort(new Set([...taken, ...this.#ports]));
    this.#ports.add(port);
    try {
      const mark = randomUUID();
      const held = await holdProcess({
        ...manifest,
        env: { ...inherited(INHERITED), ...ofImage, ...env, PORT: String(port), [MARK]: mark },
        logFile: this.#logOf(name),
      }).catch((cause) => {
        throw isProgramsFault(cause)
          ? new PodError({ code: 'bad_image', image, detail: cause.message }, { cause })
          : cause;
      });
      const record = { name, image, port, mark, process: held.identity };
      try {
        if (await this.#records.create(record)) {
          await held.release();
          return record;
        }
        return undefined;
      } finally {
        held.discard();
      }
    } finally {
      this.#ports.delete(port);
    }
  }

  async #found(record: PodRecord, image: string): Promise<Pod> {
    if (record.image !== image) throw new PodError({ code: 'name_taken', name: record.name, image: record.image });
    return this.#podOf(record);
  }

  async #podOf(record: PodRecord): Promise<Pod> {
    const { name, image, port } = record;
    if (await isRunning(record.process)) {
      return { name, image, status: 'running', url: `http://127.0.0.1:${port}`, proxied: false };
    }
    return { name, image, status: 'ended', proxied: false, reason: await lastWords(this.#logOf(name)) };
  }

  async #end(record: PodRecord): Promise<void> {
    const { graceMs } = this.#options;
    const { isOver } = await endProcesses(record.mark, { graceMs, leader: record.process });
    if (!isOver) {
      throw new PodError({ code: 'timed_out', doing: `ending ${record.name}`, timeoutMs: graceMs + KILLED_MS });
    }
    await this.#records.remove(record.name);
  }

  #logOf(name: PodName): string {
    return path.join(this.#options.stateDir, 'logs', `${name}.log`);
  }
}

/** Whether a program cannot start because of what its image says, rather than for want of memory or disk. */
function isProgramsFault(error: unknown): error is Error {
  const { syscall = '', code = '' } = error as NodeJS.ErrnoException;
  return syscall.startsWith('spawn') && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(code);
}

/** Runs a call unless it was stopped before it began. What the file system or a signal has to say becomes `unreachable`. */
async function asPodErrors<T>(signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof PodError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new PodError({ code: 'unreachable', provider: 'local', detail }, { cause });
  }
}

/** The end of a pod's log, which usually says why it ended. */
function lastWords(logFile: string): Promise<string> {
  return readLog(logFile, 500).then(
    (said) => `the process ended; its log ends: ${said.trim()}`,
    () => 'the process ended and left no log',
  );
}
