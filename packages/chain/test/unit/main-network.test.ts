import { readFileSync } from 'node:fs';
import { TypeRegistry } from '@polkadot/types';
import { expandMetadata, Metadata } from '@polkadot/types/metadata';
import { stringCamelCase, u8aToHex } from '@polkadot/util';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { ChainError } from '../../src/chain-error.js';
import { CALLS, RUNTIME_FUNCTIONS, STORAGE } from '../../src/runtime-names.js';
import { callByName } from '../../src/submit/sign-transaction.js';
import { assertSignable, KNOWN_EMPTY_EXTENSIONS } from '../../src/submit/signed-extensions.js';
import { verifyRound } from '../../src/timelock/timelock.js';

const file = sharedData('chain/finney-424.scale');

function mainNetwork(path: string) {
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, u8aToHex(readFileSync(path)));
  registry.setMetadata(metadata, undefined, KNOWN_EMPTY_EXTENSIONS);
  const { query, tx } = expandMetadata(registry, metadata);
  return { registry, metadata, query, tx };
}

describe.skipIf(!file)("the main network's metadata (needs TILTYARD_SHARED)", () => {
  let network: ReturnType<typeof mainNetwork>;
  let api: Parameters<typeof callByName>[0];
  beforeAll(() => {
    network = mainNetwork(file ?? '');
    api = { tx: network.tx } as unknown as typeof api;
  });

  it.each(Object.values(STORAGE).map((entry) => [`${entry.pallet}.${entry.item}`, entry] as const))(
    'has %s, and its default has the shape that we read',
    (_, { pallet, item, shape }) => {
      const { meta } = network.query[stringCamelCase(pallet)]?.[stringCamelCase(item)] ?? {};
      if (meta === undefined) throw new Error('no such storage item');
      const typeId = meta.type.isPlain ? meta.type.asPlain : meta.type.asMap.value;
      const fallback = meta.modifier.isOptional
        ? null
        : network.registry.createType(network.registry.createLookupType(typeId), meta.fallback.toU8a(true)).toJSON();
      expect(shape.safeParse(fallback)).toMatchObject({ success: true });
    },
  );

  it('has every call that we make, with the arguments that we give', () => {
    const encrypted = '0x0102';
    const timelocked = callByName(api, CALLS.setCommitment, [
      17,
      { fields: [{ TimelockEncrypted: { encrypted, revealRound: 5 } }] },
    ]);
    expect(timelocked.toJSON()).toMatchObject({
      args: { netuid: 17, info: { fields: [{ timelockEncrypted: { encrypted, revealRound: 5 } }] } },
    });
    for (const name of ['Raw79', 'BigRaw']) {
      const content = name === 'BigRaw' ? 300 : 79;
      const plain = callByName(api, CALLS.setCommitment, [17, { fields: [{ [name]: `0x${'61'.repeat(content)}` }] }]);
      expect(plain.encodedLength).toBeGreaterThan(content);
    }
    const weights = callByName(api, CALLS.setWeights, [17, [0, 2], [1, 65535], 2n ** 60n]);
    expect(weights.toJSON()).toMatchObject({ args: { netuid: 17, dests: [0, 2], weights: [1, 65535] } });
    const commit = callByName(api, CALLS.commitTimelockedWeights, [17, encrypted, 9, 4]);
    expect(commit.toJSON()).toMatchObject({ args: { netuid: 17, commit: encrypted, reveal_round: 9 } });
  });

  it('has every function of the runtime that we ask', () => {
    for (const [apiName, method] of Object.values(RUNTIME_FUNCTIONS)) {
      const found = network.metadata.asLatest.apis.find(({ name }) => name.eq(apiName));
      expect(found?.methods.map(({ name }) => name.toString())).toContain(method);
    }
  });

  it('asks for no transaction extension that we cannot sign', () => {
    const served = { runtimeMetadata: network.metadata } as unknown as Parameters<typeof assertSignable>[0];
    expect(() => assertSignable(served)).not.toThrow();
  });

  it("carries quicknet's key, which the signature of round 1000 fits", () => {
    const vector = JSON.parse(readFileSync(new URL('../vectors/quicknet.json', import.meta.url), 'utf8'));
    const { meta } = network.query.drand?.beaconConfig ?? {};
    const config = STORAGE.beaconConfig.shape.parse(
      network.registry.createType('PalletDrandBeaconConfiguration', meta?.fallback.toU8a(true)).toJSON(),
    );
    expect(Buffer.from(config.publicKey).toString('hex')).toBe(vector.publicKey);
    expect(config).toMatchObject({ period: vector.periodSeconds, genesisTime: vector.genesisSeconds });
    expect(verifyRound(config.publicKey, vector.round, Buffer.from(vector.signature, 'hex'))).toBe(true);
  });

  it('names what it lacks', () => {
    expect(() => callByName(api, ['Commitments', 'no_such_call'], [])).toThrowError(
      new ChainError({ code: 'runtime_lacks', kind: 'call', name: 'Commitments.no_such_call' }),
    );
  });
});
