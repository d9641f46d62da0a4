import { FaultError } from '@tiltyard/schema';

/** Why a sample object, a sample miner or the local judge cannot do its work. */
export type SampleFault =
  | { readonly code: 'unknown_object'; readonly name: string; readonly known: readonly string[] }
  | { readonly code: 'no_objects'; readonly directory: string }
  | { readonly code: 'bad_object'; readonly file: string; readonly detail: string }
  | { readonly code: 'bad_prompt'; readonly stem: string; readonly detail: string }
  | { readonly code: 'unreadable'; readonly target: string; readonly detail: string }
  | { readonly code: 'bad_option'; readonly option: string; readonly detail: string };

export class SampleError extends FaultError<SampleFault> {
  override readonly name = 'SampleError';
  constructor(fault: SampleFault, options?: ErrorOptions) {
    super(fault, describe(fault), options);
  }
}

function describe(fault: SampleFault): string {
  switch (fault.code) {
    case 'unknown_object':
      return `unknown_object: there is no object ${JSON.stringify(fault.name)}, only ${fault.known.join(', ')}`;
    case 'no_objects':
      return `no_objects: ${fault.directory} holds no .glb file`;
    case 'bad_object':
      return `bad_object: ${fault.file}: ${fault.detail}`;
    case 'bad_prompt':
      return `bad_prompt: ${fault.stem}: ${fault.detail}`;
    case 'unreadable':
      return `unreadable: ${fault.target}: ${fault.detail}`;
    case 'bad_option':
      return `bad_option: ${fault.option} ${fault.detail}`;
  }
}
