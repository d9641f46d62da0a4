#!/usr/bin/env node
/**
 * The dev chain as a process of its own. Environment: DEVNET_OPTIONS (DevnetOptions as JSON) or DEVNET_OPTIONS_FILE, and
 * the overrides DEVNET_PORT, DEVNET_FOLDER and DEVNET_BLOCK_TIME_MS.
 *
 * Prints one line of JSON, `{"listening": "ws://127.0.0.1:PORT"}`, when it is ready; logs as JSON lines on stderr. SIGTERM
 * and SIGINT stop it with code 0; what is wrong with its options ends it with code 78.
 */
import { isFault } from '@tiltyard/schema';
import { startDevnet } from './devnet.js';
import { DevnetError } from './errors.js';
import type { DevnetLogger } from './logger.js';
import { readProcessOptions } from './process-config.js';

const EXIT_CONFIG = 78;

function write(level: 'info' | 'warn' | 'error', facts: object, message: string): void {
  process.stderr.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), name: 'devnet', ...facts, msg: message })}\n`,
  );
}

const log: DevnetLogger = {
  info: (facts, message) => write('info', facts, message),
  warn: (facts, message) => write('warn', facts, message),
};

try {
  const devnet = await startDevnet({ ...readProcessOptions(process.env), log });
  const stop = async (): Promise<void> => {
    log.info({ head: devnet.head().number }, 'stopping');
    await devnet[Symbol.asyncDispose]();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ listening: devnet.url })}\n`);
} catch (error) {
  const facts =
    error instanceof DevnetError ? { fault: error.fault } : { stack: error instanceof Error ? error.stack : '' };
  write('error', facts, error instanceof Error ? error.message : String(error));
  process.exitCode = isFault(error, DevnetError, 'bad_option') ? EXIT_CONFIG : 1;
}
