// Stores one object in the folder of its first argument and prints what became of it as JSON.
import { openFilesystemStore, StoreError } from '@tiltyard/store';

const store = await openFilesystemStore({ dir: process.argv[2], publicUrl: 'http://127.0.0.1:1' });
try {
  await store.put(Buffer.from('one object'), { contentType: 'text/plain; charset=utf-8', maxBytes: 100 });
  process.stdout.write(JSON.stringify({ code: 'stored' }));
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  const { code, operation } = error.fault;
  process.stdout.write(JSON.stringify({ code, operation }));
}
