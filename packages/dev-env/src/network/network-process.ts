import path from 'node:path';
import { inherited, listeningUrl, type ManagedProcess, type ProcessOptions, startProcess } from '@tiltyard/processes';
import { PROJECT_ROOT } from './entries.js';
import type { NetworkLayout } from './layout.js';

/** What differs between the processes of a network: by default a program of Node's that prints where it listens. */
type NetworkProgram = Pick<ProcessOptions, 'name' | 'args'> &
  Partial<Pick<ProcessOptions, 'command' | 'env' | 'ready' | 'onSpawned' | 'signal'>>;

/** Variables that a process inherits; everything else it is told explicitly, as on a machine of its own. */
export const INHERITED = ['PATH', 'HOME', 'LANG', 'NODE_OPTIONS', 'VK_ICD_FILENAMES', 'LP_NATIVE_VECTOR_WIDTH'];

/** Starts a process of a network and waits until it is ready. @throws ProcessError; the signal's reason */
export function startNetworkProcess({ logs, tmp }: NetworkLayout, program: NetworkProgram): Promise<ManagedProcess> {
  return startProcess({
    command: process.execPath,
    ready: listeningUrl,
    ...program,
    env: { ...inherited(INHERITED), TMPDIR: tmp, ...program.env },
    cwd: PROJECT_ROOT,
    logFile: path.join(logs, `${program.name}.log`),
  });
}
