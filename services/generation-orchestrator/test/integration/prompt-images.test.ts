import { promptOf } from '@tiltyard/schema/gen3d';
import { sha256Of } from '@tiltyard/store';
import { describe, expect, it } from 'vitest';
import { listen } from '../../../../packages/service-kit/test/support/http-server.js';
import { openPromptImages } from '../../src/prompt-images.js';

const picture = Buffer.from('the bytes that the round keeps');
const never = new AbortController().signal;

describe('prompt images', () => {
  it('are the bytes that the round keeps, fetched once; those at their own address in rounds that keep none', async () => {
    const asked: string[] = [];
    await using host = await listen((request, response) => {
      asked.push(request.url ?? '');
      response.end(request.url === '/kept.png' ? picture : 'another picture, by now');
    });
    const prompt = promptOf(`${host.url}/chair.png`) as Extract<ReturnType<typeof promptOf>, { kind: 'image' }>;
    const url = `${host.url}/kept.png`;
    const kept = { url, sha256: sha256Of(picture), type: 'image/png', bytes: picture.length } as const;
    const images = openPromptImages([host.host]);
    for (let time = 0; time < 2; time += 1) expect(await images.of(prompt, kept, never)).toEqual(picture);
    expect(String(await images.of(prompt, undefined, never))).toBe('another picture, by now');
    expect(asked).toEqual(['/kept.png', '/chair.png']);
  });

  it('fault 15: with a flipped byte are no prompt, and are asked for again as our failure', async () => {
    let times = 0;
    await using host = await listen((_request, response) => {
      times += 1;
      const sent = Buffer.from(picture);
      if (times === 1) sent.writeUInt8(sent.readUInt8(3) ^ 1, 3);
      response.end(sent);
    });
    const prompt = promptOf(`${host.url}/chair.png`) as Extract<ReturnType<typeof promptOf>, { kind: 'image' }>;
    const url = `${host.url}/kept.png`;
    const kept = { url, sha256: sha256Of(picture), type: 'image/png', bytes: picture.length } as const;
    expect(await openPromptImages([host.host]).of(prompt, kept, never)).toEqual(picture);
    expect(times).toBe(2);
  });
});
