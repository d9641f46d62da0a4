import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { inherited } from '@tiltyard/processes';
import { execa } from 'execa';
import { DevEnvError } from '../../network/dev-env-error.js';
import { PROJECT_ROOT, serviceEntry } from '../../network/entries.js';
import { INHERITED } from '../../network/network-process.js';
import { type NetworkService, SERVICE_NAMES } from './service-names.js';

/** A service ends by itself within 10 seconds of a SIGTERM. */
const STOP_MS = 11_000;

/** What a command line names as a service. @throws DevEnvError `bad_option` */
export function serviceNamed(option: string, word: string): NetworkService {
  const name = SERVICE_NAMES.find((known) => known === word);
  if (name !== undefined) return name;
  const detail = `${JSON.stringify(word.slice(0, 60))} is none of ${SERVICE_NAMES.join(', ')}`;
  throw new DevEnvError({ code: 'bad_option', option, detail });
}

/**
 * Runs a service in this terminal, with the environment that a network which is up has for it, until it ends by itself or
 * the signal ends it.
 *
 * @param root - The network's folder.
 * @param nodeOptions - Options for Node, such as `--inspect` or `--watch`.
 * @returns its exit status; undefined when a signal ended it
 * @throws DevEnvError `unusable` when no network is up there
 */
export async function runServiceAlone(
  root: string,
  name: NetworkService,
  nodeOptions: readonly string[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const text = await readFile(path.join(root, 'environments', `${name}.env`), 'utf8').catch((cause: Error) => {
    throw new DevEnvError(
      { code: 'unusable', what: root, detail: `no network is up here: ${cause.message}` },
      { cause },
    );
  });
  const { exitCode } = await execa(process.execPath, [...nodeOptions, serviceEntry(name)], {
    ...{ cwd: PROJECT_ROOT, env: { ...inherited(INHERITED), ...parseEnv(text) }, extendEnv: false, reject: false },
    ...{ stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' },
    // A Ctrl-C must reach it once: by its second signal a service ends at once.
    ...{ detached: true, cancelSignal: signal, forceKillAfterDelay: STOP_MS },
  });
  return exitCode;
}
