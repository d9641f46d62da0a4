/**
 * Where a file of a miner lies: its name below the address that the miner submitted, however many slashes that ends with.
 *
 * @param cdnUrl - A submission's `cdn_url`.
 * @param name - The file's name; it is encoded here.
 */
export function cdnFileUrl(cdnUrl: string, name: string): string {
  let end = cdnUrl.length;
  while (cdnUrl[end - 1] === '/') end -= 1;
  return `${cdnUrl.slice(0, end)}/${encodeURIComponent(name)}`;
}
