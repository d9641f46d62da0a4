// A miner's container for tests: answers /health and /generate on PORT, and can be as stubborn as real ones.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

if (process.env.BROKEN) {
  console.error('no GPU found');
  process.exit(3);
}
if (process.env.IGNORE_TERM) process.on('SIGTERM', () => console.log('no'));
if (process.env.WITH_CHILDREN) {
  spawn('sleep', ['600'], { stdio: 'ignore' });
  spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
}
createServer((request, response) => {
  if (request.url === '/env') response.end(JSON.stringify({ ...process.env, argv: process.argv.slice(2) }));
  else response.end(request.url === '/health' ? 'ok' : 'model');
}).listen(Number(process.env.PORT), '127.0.0.1');
