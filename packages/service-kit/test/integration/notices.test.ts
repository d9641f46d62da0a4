import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '@tiltyard/schema';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { discordNotices } from '../../src/notices.js';
import { until } from '../support/scratch.js';

/** A webhook that answers with these statuses in turn, then 204, and keeps what it was sent. */
async function webhook(statuses: readonly number[]) {
  const received: { embeds: { title: string; description: string }[] }[] = [];
  const answers = [...statuses];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const status = answers.shift() ?? 204;
      if (status === 204) received.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(status, { 'retry-after': '0' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    url: new Secret(`http://127.0.0.1:${port}/hook`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const log = pino({ level: 'silent' });
const notice = { key: 'builds', severity: 'warning', title: 'Builds fail', detail: '5 of 9' } as const;

describe('notices to Discord', () => {
  it('hold repeats of one thing back and tell later how many there were', async () => {
    await using hook = await webhook([]);
    await using notices = discordNotices({
      webhookUrl: hook.url,
      service: 'judge-service',
      log,
      spacingMs: 1,
      repeatAfterMs: 60,
    });
    notices.send(notice);
    notices.send(notice);
    notices.send(notice);
    notices.send({ ...notice, key: 'pods', title: 'Pods fail' });
    await until('both', () => hook.received.length === 2);
    await sleep(90);
    notices.send(notice);
    await until('the third', () => hook.received.length === 3);
    expect(hook.received.map((message) => message.embeds[0]?.title)).toEqual([
      'judge-service: Builds fail',
      'judge-service: Pods fail',
      'judge-service: Builds fail',
    ]);
    expect(hook.received[2]?.embeds[0]?.description).toContain('2 more of the same');
  });

  it('are sent again when the webhook asks to wait', async () => {
    await using hook = await webhook([429, 503]);
    await using notices = discordNotices({ webhookUrl: hook.url, service: 'x', log, spacingMs: 1 });
    notices.send(notice);
    await until('one', () => hook.received.length === 1);
  });
});
