// Runs within a mount namespace of its own, on a file system of 2 MiB; prints what became of each step as JSON.
import { mkdir, readdir } from 'node:fs/promises';
import { openFilesystemStore, StoreError } from '@tiltyard/store';

const dir = process.argv[2];
const publicUrl = 'http://127.0.0.1:1';
const options = { contentType: 'image/png', maxBytes: 100_000_000 };
const codeOf = (work) =>
  work.then(
    () => 'stored',
    (error) => (error instanceof StoreError ? error.fault.code : String(error)),
  );

await mkdir(dir, { recursive: true });
const store = await openFilesystemStore({ dir, publicUrl });
const small = await store.put(Buffer.alloc(1000, 1), options);
const large = await codeOf(store.put(Buffer.alloc(8_000_000, 2), options));
const incoming = await readdir(`${dir}/.incoming`);
const filler = await codeOf(store.put(Buffer.alloc(2_060_000, 3), options));
const reopened = await openFilesystemStore({ dir, publicUrl });
const read = (await reopened.get(small.key, { maxBytes: 1000 })).byteLength;
const again = await codeOf(reopened.put(Buffer.alloc(100_000, 4), options));
process.stdout.write(JSON.stringify({ large, incoming, filler, read, again }));
