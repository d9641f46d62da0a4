import { z } from 'zod';
import { SERVICES, type ServiceName, ServiceName as ServiceNameSchema } from './names.js';

/** A key that may sign commits, and in whose name. */
export interface AllowedSigner {
  readonly services: readonly ServiceName[];
  readonly keyType: string;
  readonly key: string;
}

const LINE =
  /^(?<principals>[a-z,-]+) (?:namespaces="git" )?(?<type>ssh-ed25519|ecdsa-sha2-nistp256|rsa-sha2-512|ssh-rsa) (?<key>[A-Za-z0-9+/=]{40,2000})(?: .{0,200})?$/;

/**
 * One line of allowed_signers, in OpenSSH's format. The principals are the names of the services that the key may
 * write for (or `operator`); which files that covers, the registry says.
 *
 * @returns undefined when the line is not one.
 */
export function parseAllowedSigner(line: string): AllowedSigner | undefined {
  const groups = LINE.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const services = z.array(ServiceNameSchema).safeParse((groups.principals ?? '').split(','));
  if (!services.success) return undefined;
  return { services: services.data, keyType: groups.type ?? '', key: groups.key ?? '' };
}

/** A line of allowed_signers; comment lines begin with `#`. */
export const AllowedSignerLine = z
  .string()
  .max(4000)
  .refine((line) => line.trim() === line, 'has blanks around it')
  .refine(
    (line) => (line.startsWith('#') && !/[\r\n]/.test(line)) || parseAllowedSigner(line) !== undefined,
    `is not "SERVICE[,SERVICE] KEYTYPE KEY" with services of ${SERVICES.join(', ')}`,
  );
/** allowed_signers: whose keys may sign for which service. */
export const AllowedSigners = z.array(AllowedSignerLine).max(1000);
export type AllowedSigners = readonly string[];
