import { describe, expect, it } from 'vitest';
import { fetchObject, isRetryable, sha256Of } from '../../src/index.js';
import { faultCodeOf } from '../support/fault-code.js';
import { testServer } from '../support/hostile-server.js';

const BYTES = Buffer.from('an object of ours');
const LIMITS = { maxBytes: 1000, timeoutMs: 10_000 };

describe('fetching an object of ours', () => {
  it('fault 15: tries again when bytes come damaged or the server stumbles', async () => {
    const answers = [
      { status: 200, body: Buffer.from('an object of ourz') },
      { status: 503, body: Buffer.from('busy') },
      { status: 200, body: BYTES },
    ];
    await using server = await testServer((_request, response) => {
      const { status = 500, body } = answers.shift() ?? {};
      response.writeHead(status).end(body);
    });
    const bytes = await fetchObject(server.url, { ...LIMITS, sha256: sha256Of(BYTES), allowHosts: [server.host] });
    expect(Buffer.from(bytes)).toEqual(BYTES);
    expect(answers).toEqual([]);
  });

  it('says so when the bytes stay damaged, and that it may pass', async () => {
    await using server = await testServer((_request, response) => response.end('damaged'));
    const work = fetchObject(server.url, { ...LIMITS, sha256: sha256Of(BYTES), allowHosts: [server.host], tries: 2 });
    expect(await faultCodeOf(work)).toBe('hash_mismatch');
    expect(isRetryable(await work.catch((error: unknown) => error))).toBe(true);
  });

  it.each([
    [404, 'not_found', 1],
    [410, 'not_found', 1],
    [403, 'denied', 1],
    [500, 'unavailable', 2],
  ] as const)('names the status %i, and asks no more than it helps', async (status, code, asked) => {
    let requests = 0;
    await using server = await testServer((_request, response) => {
      requests++;
      response.writeHead(status).end();
    });
    expect(await faultCodeOf(fetchObject(server.url, { ...LIMITS, allowHosts: [server.host], tries: 2 }))).toBe(code);
    expect(requests).toBe(asked);
  });

  it('ends within its bound, tries and waits included', async () => {
    await using server = await testServer((_request, response) => response.writeHead(503).end());
    const options = { maxBytes: 10, timeoutMs: 300, tries: 100, allowHosts: [server.host] };
    expect(await faultCodeOf(fetchObject(server.url, options))).toBe('unavailable');
  });

  it('goes to no address that was not allowed', async () => {
    await using server = await testServer((_request, response) => response.end(BYTES));
    await expect(fetchObject(server.url, LIMITS)).rejects.toThrow('blocked_address');
  });

  it('is ended by its caller', async () => {
    await using server = await testServer(() => undefined);
    const signal = AbortSignal.timeout(50);
    const work = fetchObject(server.url, { ...LIMITS, allowHosts: [server.host], signal });
    await expect(work).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
