import { StoreError, type StoreFault } from '../../src/index.js';

/** The code of the StoreError with which work fails; 'no fault' where it does not; any other error is thrown on. */
export async function faultCodeOf(work: Promise<unknown>): Promise<StoreFault['code'] | 'no fault'> {
  try {
    await work;
    return 'no fault';
  } catch (error) {
    if (error instanceof StoreError) return error.fault.code;
    throw error;
  }
}
