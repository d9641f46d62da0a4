import { checkHost } from '@tiltyard/store';
import { CliError } from '../../cli-error.js';
import type { Terminal } from '../../terminal/terminal.js';
import { type Check, checkSource, type Source } from './check-source.js';

/**
 * Checks what the collector and the builder will check, before anything goes on chain: the address by the collector's own
 * guard, and the source by git.
 *
 * @returns what could not be checked: an outage refuses nothing.
 * @throws CliError `refused` naming the option
 */
export async function checkSubmission(
  { cdn_url: cdn, ...source }: Source & { readonly cdn_url: string },
  allowHosts: readonly string[],
  terminal: Terminal,
): Promise<readonly string[]> {
  const checks = await Promise.all([checkCdn(cdn, allowHosts, terminal), checkSource(source, terminal)]);
  for (const check of checks) {
    if (check.kind === 'refused') throw new CliError({ code: 'refused', detail: check.detail });
  }
  return checks.flatMap((check) => (check.kind === 'unknown' ? [`could not check: ${check.detail}`] : []));
}

async function checkCdn(cdn: string, allowHosts: readonly string[], { signal }: Terminal): Promise<Check> {
  const { search, hash } = new URL(cdn);
  if (search !== '' || hash !== '') {
    return { kind: 'refused', detail: '--cdn has a query or a fragment: files are fetched as URL/STEM.glb' };
  }
  const found = await checkHost(cdn, { allowHosts, signal });
  if (found.ok) return { kind: 'ok' };
  if (found.code !== 'blocked_address') return { kind: 'unknown', detail: found.message };
  return { kind: 'refused', detail: `--cdn cannot be fetched: ${found.message}` };
}
