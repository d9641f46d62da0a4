import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { localIoFault } from '@tiltyard/git';
import { z } from 'zod';
import { LedgerError } from '../ledger-error.js';

const Owner = z.object({ pid: z.int().min(1), started: z.string() });
type Owner = z.infer<typeof Owner>;

/**
 * Claims a clone for this process. Two processes in one clone could not corrupt the remote, but one could rebuild the
 * clone under the other.
 *
 * The claim is a file next to the clone that names the process and when it began, so that one left by a process that is
 * gone is taken over, even where its number is in use again.
 *
 * @returns a function that gives the clone up. It does not fail: a claim that cannot be removed is taken over once this
 *   process is gone.
 * @throws LedgerError `clone_busy` while the owner lives; `local_io`.
 */
export async function claimClone(dir: string): Promise<() => Promise<void>> {
  const file = `${dir}.owner`;
  const mine: Owner = { pid: process.pid, started: await startOf(process.pid) };
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(path.dirname(dir), { recursive: true });
    await writeFile(draft, JSON.stringify(mine));
    for (let tries = 0; tries < 10; tries += 1) {
      if (await linked(draft, file)) return () => rm(file, { force: true }).catch(() => {});
      const owner = await ownerIn(file);
      if (owner !== undefined && (await isAlive(owner))) {
        throw new LedgerError({ code: 'clone_busy', dir, pid: owner.pid });
      }
      await takeAway(file, owner);
    }
    throw new LedgerError({ code: 'clone_busy', dir, pid: (await ownerIn(file))?.pid ?? 0 });
  } catch (error) {
    throw error instanceof LedgerError ? error : new LedgerError(localIoFault('claiming the clone', error));
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/** Moves a stale claim aside; puts it back when another process replaced it in between. */
async function takeAway(file: string, stale: Owner | undefined): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch {
    return; // Another process took it away first.
  }
  const taken = await ownerIn(aside);
  const same = taken?.pid === stale?.pid && taken?.started === stale?.started;
  if (!same) await linked(aside, file);
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The claim's content; undefined when there is none or it cannot be read (a power loss may leave it empty). */
async function ownerIn(file: string): Promise<Owner | undefined> {
  try {
    return Owner.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, started }: Owner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = await startOf(pid);
  return now === '' || now === started;
}

/** When a process began, in the kernel's ticks since boot; empty where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22, counted after the command's name, which may hold anything but ends at the last parenthesis.
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
