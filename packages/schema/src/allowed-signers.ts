import { z } from 'zod';

/** A key that may sign commits, and in whose name. */
export interface AllowedSigner {
  readonly services: readonly string[];
  readonly keyType: string;
  readonly key: string;
}

const LINE =
  /^(?<principals>[a-z,-]+) (?:namespaces="git" )?(?<type>ssh-ed25519|ecdsa-sha2-nistp256|rsa-sha2-512|ssh-rsa) (?<key>[A-Za-z0-9+/=]{40,2000})(?: .{0,200})?$/;

/**
 * One line of allowed_signers, in OpenSSH's format. The principals are the names of the services that the key may
 * write for (or `operator`); which files that covers, the competition's table says.
 *
 * @returns undefined when the line is not one.
 */
export function parseAllowedSigner(line: string): AllowedSigner | undefined {
  const groups = LINE.exec(line)?.groups;
  if (groups === undefined) return undefined;
  return { services: (groups.principals ?? '').split(','), keyType: groups.type ?? '', key: groups.key ?? '' };
}

/** allowed_signers: whose keys may sign for which of these services. Comment lines begin with `#`. */
export function allowedSigners(services: readonly string[]): z.ZodType<readonly string[]> {
  const isSigner = (line: string) =>
    parseAllowedSigner(line)?.services.every((service) => services.includes(service)) === true;
  const line = z
    .string()
    .max(4000)
    .refine((text) => text.trim() === text, 'has blanks around it')
    .refine(
      (text) => (text.startsWith('#') && !/[\r\n]/.test(text)) || isSigner(text),
      `is not "SERVICE[,SERVICE] KEYTYPE KEY" with services of ${services.join(', ')}`,
    );
  return z.array(line).max(1000);
}
