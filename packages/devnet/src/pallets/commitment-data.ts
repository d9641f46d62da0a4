import { DevnetError } from '../errors.js';
import { bounded, bytes, type Codec, struct, u8, u32, u64, vec } from '../scale/codec.js';
import { arrayOf, type TypeNode, type TypeVariant, variant } from '../scale/type-node.js';

/** One field of a commitment (`pallet_commitments::types::Data`). */
export type CommitmentData =
  | { readonly kind: 'none' | 'reset_bonds' }
  /** At most 128 bytes. */
  | { readonly kind: 'raw'; readonly data: Uint8Array }
  /** At most 512 bytes. */
  | { readonly kind: 'big_raw'; readonly data: Uint8Array }
  /** Blake2-256, SHA-256, Keccak-256 or SHA3-256, by its discriminant. */
  | { readonly kind: 'hash'; readonly discriminant: 130 | 131 | 132 | 133; readonly data: Uint8Array }
  | { readonly kind: 'timelocked'; readonly encrypted: Uint8Array; readonly revealRound: bigint };

export interface CommitmentInfo {
  readonly fields: readonly CommitmentData[];
}

/** What `CommitmentOf` holds. */
export interface Registration {
  readonly deposit: bigint;
  /** The block of the commitment. */
  readonly block: number;
  readonly info: CommitmentInfo;
}

const RAW_MAX_BYTES = 128;
const BIG_RAW_MAX_BYTES = 512;
const ENCRYPTED_MAX_BYTES = 1024;
const HASHES = ['BlakeTwo256', 'Sha256', 'Keccak256', 'ShaThree256'];
const boundedBytes = bounded(bytes, u8.type);

/** Bytes that a field counts for against the space of an epoch. */
export function spaceOf(field: CommitmentData): number {
  switch (field.kind) {
    case 'none':
    case 'reset_bonds':
      return 0;
    case 'timelocked':
      return field.encrypted.length;
    case 'raw':
    case 'big_raw':
    case 'hash':
      return field.data.length;
  }
}

const commitmentData: Codec<CommitmentData> = {
  type: dataType(),
  write(out, field) {
    switch (field.kind) {
      case 'none':
        return out.uint(0, 1);
      case 'raw':
        out.uint(field.data.length + 1, 1);
        return out.bytes(field.data);
      case 'hash':
        out.uint(field.discriminant, 1);
        return out.bytes(field.data);
      case 'timelocked':
        out.uint(134, 1);
        bytes.write(out, field.encrypted);
        return out.uint(field.revealRound, 8);
      case 'reset_bonds':
        return out.uint(135, 1);
      case 'big_raw':
        out.uint(136, 1);
        return bytes.write(out, field.data);
    }
  },
  read(from) {
    const discriminant = from.byte();
    if (discriminant === 0) return { kind: 'none' };
    if (discriminant <= RAW_MAX_BYTES + 1) return { kind: 'raw', data: from.bytes(discriminant - 1) };
    switch (discriminant) {
      case 130:
      case 131:
      case 132:
      case 133:
        return { kind: 'hash', discriminant, data: from.bytes(32) };
      case 134:
        return {
          kind: 'timelocked',
          encrypted: atMost(ENCRYPTED_MAX_BYTES, bytes.read(from)),
          revealRound: from.uint(8),
        };
      case 135:
        return { kind: 'reset_bonds' };
      case 136:
        return { kind: 'big_raw', data: atMost(BIG_RAW_MAX_BYTES, bytes.read(from)) };
      default:
        throw new DevnetError({ code: 'bad_scale', detail: `no commitment field ${discriminant}` });
    }
  },
};

/** A bounded vector that is too long does not decode, as on the real chain. */
function atMost(limit: number, data: Uint8Array): Uint8Array {
  if (data.length <= limit) return data;
  throw new DevnetError({ code: 'bad_scale', detail: `${data.length} bytes where at most ${limit} fit` });
}

export const commitmentInfo = struct<CommitmentInfo>(
  'pallet_commitments::types::CommitmentInfo',
  { fields: bounded(vec(commitmentData), commitmentData.type) },
  { params: [{ name: 'FieldLimit', type: undefined }] },
);

export const registration = struct<Registration>(
  'pallet_commitments::types::Registration',
  { deposit: u64, block: u32, info: commitmentInfo },
  {
    params: [
      { name: 'Balance', type: u64.type },
      { name: 'MaxFields', type: undefined },
      { name: 'BlockNumber', type: u32.type },
    ],
  },
);

function dataType(): TypeNode {
  const of = (name: string, index: number, type: TypeNode): TypeVariant => ({ name, index, fields: [{ type }] });
  return variant('pallet_commitments::types::Data', [
    { name: 'None', index: 0, fields: [] },
    ...Array.from({ length: RAW_MAX_BYTES + 1 }, (_, length) =>
      of(`Raw${length}`, length + 1, arrayOf(u8.type, length)),
    ),
    ...HASHES.map((name, i) => of(name, 130 + i, arrayOf(u8.type, 32))),
    {
      name: 'TimelockEncrypted',
      index: 134,
      fields: [
        { name: 'encrypted', type: boundedBytes.type },
        { name: 'reveal_round', type: u64.type },
      ],
    },
    { name: 'ResetBondsFlag', index: 135, fields: [] },
    of('BigRaw', 136, boundedBytes.type),
  ]);
}
