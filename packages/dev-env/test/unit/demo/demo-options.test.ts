import { describe, expect, it } from 'vitest';
import { type DemoWords, readDemoOptions } from '../../../src/gen3d/demo/demo-options.js';
import { FIRST_ROUND_ORDER } from '../../../src/gen3d/miners/characters.js';
import { DevEnvError } from '../../../src/network/dev-env-error.js';

function faultOf(words: DemoWords): unknown {
  try {
    readDemoOptions(words, '/here');
  } catch (error) {
    if (error instanceof DevEnvError) return error.fault;
    throw error;
  }
  return undefined;
}

describe("a demo's options", () => {
  it('are two rounds of eight prompts with all nine miners when nothing is said', () => {
    expect(readDemoOptions({}, '/here', 12)).toEqual({
      rounds: 2,
      prompts: 8,
      miners: FIRST_ROUND_ORDER,
      isOwnChoice: true,
      models: undefined,
      keep: false,
      chaos: undefined,
      directory: '/here/.tiltyard',
      port: undefined,
      setupSeconds: 12,
    });
  });

  it('name miners in any order, or how many', () => {
    expect(readDemoOptions({ miners: 'faithful, cheat,copycat' }, '/').miners).toEqual([
      'cheat',
      'copycat',
      'faithful',
    ]);
    expect(readDemoOptions({ miners: '2' }, '/').miners).toEqual(['cheat', 'faithful']);
    expect(readDemoOptions({ miners: '10' }, '/').miners).toHaveLength(10);
  });

  it('take folders relative to where the command runs', () => {
    const options = readDemoOptions({ models: 'models', directory: '/elsewhere' }, '/here');
    expect([options.models, options.directory]).toEqual(['/here/models', '/elsewhere']);
  });

  it('have a seed for chaos even when none is given', () => {
    expect(readDemoOptions({ chaos: true }, '/').chaos).toMatchObject({ seed: 'chaos', leastPauseMs: 3_000 });
    expect(readDemoOptions({ chaos: 'seven' }, '/').chaos?.seed).toBe('seven');
  });

  it.each<[string, DemoWords]>([
    ['--rounds', { rounds: '0' }],
    ['--rounds', { rounds: 'two' }],
    ['--prompts', { prompts: '1' }],
    ['--prompts', { prompts: '1e9' }],
    ['--miners', { miners: 'base' }],
    ['--miners', { miners: 'nobody' }],
    ['--miners', { miners: '0' }],
    ['--miners', { miners: '' }],
    ['--models', { models: '' }],
    ['--directory', { directory: '' }],
    ['--models', { models: '' }],
    ['--port', { port: '65536' }],
    ['--port', { port: '-1' }],
  ])('name %s when it is not usable: %o', (option, words) => {
    expect(faultOf(words)).toMatchObject({ code: 'bad_option', option });
  });
});
