import type { Environment } from '@tiltyard/schema';
import { gen3d, type ServiceName, stateFiles } from '@tiltyard/schema/gen3d';
import { type OpenedService, type RunServiceOptions, runServiceOf, type ServiceContext } from '../run-service.js';
import { watchHold } from './watch-hold.js';

/** A service's name: those that write the ledger, and the one that only reads it. */
export type RunnableService = Exclude<ServiceName, 'operator'> | 'weight-setter';

/** A whole life of a service of the 3D competition: see {@link runServiceOf}. */
export async function runService<Options extends RunServiceOptions>(
  name: RunnableService,
  readConfig: (environment: Environment) => Options,
  open: (context: ServiceContext<Options>) => Promise<OpenedService>,
): Promise<never> {
  return await runServiceOf(
    {
      competition: gen3d,
      async position(snapshot) {
        const state = await snapshot.read(stateFiles.state);
        return state === undefined ? undefined : { round: state.current_round, stage: state.stage };
      },
      watchHold,
    },
    name,
    readConfig,
    open,
  );
}
