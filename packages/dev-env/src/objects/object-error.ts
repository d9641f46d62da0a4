/** Why an object could not be made. */
export type ObjectFault =
  | { readonly code: 'unknown_object'; readonly name: string; readonly known: readonly string[] }
  | { readonly code: 'no_objects'; readonly directory: string }
  | { readonly code: 'bad_object'; readonly file: string; readonly cause: unknown };

export class ObjectError extends Error {
  override readonly name = 'ObjectError';
  constructor(readonly fault: ObjectFault) {
    super(describe(fault), 'cause' in fault ? { cause: fault.cause } : undefined);
  }
}

function describe(fault: ObjectFault): string {
  switch (fault.code) {
    case 'unknown_object':
      return `unknown_object: there is no object ${JSON.stringify(fault.name)}, only ${fault.known.join(', ')}`;
    case 'no_objects':
      return `no_objects: ${fault.directory} holds no .glb file`;
    case 'bad_object':
      return `bad_object: ${fault.file} cannot be used: ${fault.cause instanceof Error ? fault.cause.message : fault.cause}`;
  }
}
