import { homedir } from 'node:os';
import path from 'node:path';
import type { Terminal } from '../terminal/terminal.js';

/** Options that say where models lie. */
export interface ModelFolderOptions {
  readonly modelDir?: string;
}

/** Where models lie: as given, else MODEL_DIR as for the services, else among this user's data. */
export function modelFolder({ modelDir }: ModelFolderOptions, { environment, cwd }: Terminal): string {
  const given = modelDir ?? environment.MODEL_DIR;
  if (given !== undefined && given !== '') return path.resolve(cwd, given);
  const data = environment.XDG_DATA_HOME;
  const root = data !== undefined && path.isAbsolute(data) ? data : path.join(homedir(), '.local', 'share');
  return path.join(root, 'tiltyard', 'models');
}
