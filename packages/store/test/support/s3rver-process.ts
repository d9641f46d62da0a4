import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** An S3 server process for tests. */
export interface S3Process extends AsyncDisposable {
  readonly url: string;
}

const PROGRAM = `
const S3rver = require(process.argv[1]);
const [, , directory, bucket] = process.argv;
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: bucket }] });
server.run((error, address) => { if (error) throw error; console.log(address.port); });
`;

/** Starts s3rver over a folder, with one empty bucket. */
export async function startS3rver(dir: string, bucket: string): Promise<S3Process> {
  const entry = createRequire(import.meta.url).resolve('s3rver');
  const child = spawn(process.execPath, ['-e', PROGRAM, '--', entry, dir, bucket], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' }, // it speaks SDK 2
  });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url: `http://127.0.0.1:${Number(port)}`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.kill()) await once(child, 'exit');
    },
  };
}
