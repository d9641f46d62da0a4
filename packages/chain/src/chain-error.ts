import { FaultError } from '@tiltyard/schema';
import type { ChainFault } from './chain-fault.js';
import { describeFault } from './describe-fault.js';

/** Every failure of this package. */
export class ChainError extends FaultError<ChainFault> {
  override readonly name = 'ChainError';

  constructor(fault: ChainFault) {
    super(fault, describeFault(fault));
  }
}
