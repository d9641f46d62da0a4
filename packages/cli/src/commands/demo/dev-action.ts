import {
  type DemoFolder,
  type DemoWords,
  keepUp,
  readDemoOptions,
  runServiceAlone,
  serviceNamed,
  upRoot,
} from '@tiltyard/dev-env/gen3d';
import { EXIT } from '../../exit-status.js';
import type { Outcome } from '../../outcome.js';
import { plainText } from '../../terminal/plain-text.js';
import type { Terminal } from '../../terminal/terminal.js';
import { checkModels, insist } from './demo-action.js';
import { linesOfProgress } from './demo-progress.js';

export interface UpCommandOptions extends Pick<DemoWords, 'prompts' | 'miners' | 'models' | 'directory'> {
  readonly without?: string;
}

export type ServiceCommandOptions = Pick<DemoWords, 'directory'>;

/**
 * Keeps a network running until it is interrupted.
 *
 * @throws DevEnvError `bad_option`, `unusable`, CliError `file`, whatever broke the network; the signal's reason
 */
export async function up({ without, ...words }: UpCommandOptions, terminal: Terminal): Promise<void> {
  const options = readDemoOptions(words, terminal.cwd);
  const leftOut = without === undefined ? undefined : serviceNamed('--without', without);
  await checkModels(options.models);
  const progress = linesOfProgress((line) => terminal.out(plainText(line)));
  let folder: DemoFolder | undefined;
  const forget = insist(terminal, () => folder);
  try {
    await keepUp(
      options,
      leftOut,
      (event) => {
        if (event.kind === 'folder') folder = event.folder;
        progress.tell(event);
        if (event.kind === 'up' && leftOut !== undefined) terminal.out(howToStart(leftOut, upRoot(options.directory)));
      },
      terminal.signal,
    );
  } finally {
    forget();
  }
}

/** Runs a service of the network that is up until it ends. @throws DevEnvError `bad_option`, `unusable` */
export async function service(
  word: string,
  nodeOptions: readonly string[],
  words: ServiceCommandOptions,
  terminal: Terminal,
): Promise<Outcome> {
  const name = serviceNamed('name', word);
  const root = upRoot(readDemoOptions(words, terminal.cwd).directory);
  const status = await runServiceAlone(root, name, nodeOptions, terminal.signal);
  if (status === 0) return { facts: { status }, text: '' };
  const complaint = `${name} ended with ${status ?? 'a signal'}`;
  return { facts: { status }, text: '', complaint, exitStatus: EXIT.failed };
}

function howToStart(name: string, root: string): string {
  return `${name} is left out. Start it by
  npm run dev -- service ${name} [--inspect] [--watch]
or, in another way, with its environment in ${root}/environments/${name}.env:
  node --env-file=${root}/environments/${name}.env services/${name}/dist/main.js
`;
}
