import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cdnFileUrl } from '@tiltyard/schema/gen3d';
import { downloadBytes } from '@tiltyard/store';

/** One file as a miner offers it, or why it cannot be had: with the code that submitted.json would hold. */
export type SubmittedFile =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly sha256: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Reads a prompt's file from where a miner keeps them. Throws only for failures of this machine. */
export type ReadSubmitted = (stem: string, maxBytes: number, signal: AbortSignal) => Promise<SubmittedFile>;

/** The collector's pause before its second try. @see docs/mining.md#your-files */
const RETRY_PAUSE_MS = 3_000;

/** Files at a public address, downloaded with the collector's own guard and limits. */
export function fromAddress(base: string, allowHosts: readonly string[]): ReadSubmitted {
  return async (stem, maxBytes, signal) => {
    const url = cdnFileUrl(base, `${stem}.glb`);
    const options = { maxBytes, allowHosts, signal };
    let got = await downloadBytes(url, options);
    if (!got.ok && got.retryable) {
      await sleep(RETRY_PAUSE_MS, undefined, { signal });
      got = await downloadBytes(url, options);
    }
    return got.ok
      ? { ok: true, bytes: got.bytes, sha256: got.sha256 }
      : { ok: false, code: got.code, message: got.message };
  };
}

/** Files in a folder, before they are uploaded. */
export function fromFolder(folder: string): ReadSubmitted {
  return async (stem, maxBytes) => {
    const file = path.join(folder, `${stem}.glb`);
    try {
      const { size } = await stat(file);
      if (size > maxBytes)
        return { ok: false, code: 'too_large', message: `${size} bytes, at most ${maxBytes} are allowed` };
      const bytes = await readFile(file);
      return { ok: true, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { ok: false, code: 'missing', message: `there is no ${stem}.glb` };
    }
  };
}
