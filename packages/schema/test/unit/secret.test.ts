import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/config/secret.js';

describe('a secret', () => {
  it('shows itself in no form', () => {
    const secret = new Secret('hunter2');
    const shown = `${secret} ${JSON.stringify({ secret })} ${inspect({ secret }, { showHidden: true })}`;
    expect(shown).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
