import { statfsSync } from 'node:fs';

/** What one transfer may take of the disk. Git itself bounds neither what a remote sends nor what it leaves free. */
const TRANSFER_LIMITS = {
  bytes: 2 * 1024 ** 3,
  /** Left free on the disk for everything else. */
  freeBytes: 256 * 1024 ** 2,
  /** What a transfer may always take, however little is free: the usual one brings some kilobytes. */
  smallBytes: 16 * 1024 ** 2,
} as const;

/** Why a transfer was ended. */
export type TransferEnd = 'too_much_transferred' | 'disk_full';

const LOOK_MS = 250;

/**
 * Watches the disk while something is transferred to it, and tells once when that takes too much of it.
 *
 * @param dir - Any folder on that disk.
 * @returns what ends the watch.
 */
export function watchTransfer(dir: string, end: (why: TransferEnd) => void): Disposable {
  const before = freeBytes(dir);
  const look = () => {
    const free = freeBytes(dir);
    if (before === undefined || free === undefined) return;
    const taken = before - free;
    if (taken > TRANSFER_LIMITS.bytes) end('too_much_transferred');
    else if (taken > TRANSFER_LIMITS.smallBytes && free < TRANSFER_LIMITS.freeBytes) end('disk_full');
  };
  const timer = setInterval(look, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Undefined where the disk does not say: what writes to it will. */
function freeBytes(dir: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
