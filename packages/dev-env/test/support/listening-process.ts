import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export interface ListeningProcess extends AsyncDisposable {
  readonly url: string;
  readonly stderr: () => string;
}

/** Starts one of this package's mains, as users do, and waits for the address that it prints. */
export async function startMain(
  main: 'container-main' | 'miner-main' | 'local-judge-main',
  env: Readonly<Record<string, string>>,
): Promise<ListeningProcess> {
  const file = createRequire(import.meta.url).resolve(`@tiltyard/dev-env/${main}`);
  const child = spawn(process.execPath, [file], { env: { PATH: process.env.PATH, ...env } });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exited = once(child, 'exit');
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([code]) => Promise.reject(new Error(`${main} exited with ${code}: ${stderr}`))),
  ]);
  const { listening } = JSON.parse(String(line[0])) as { listening: string };
  return {
    url: listening,
    stderr: () => stderr,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
