import { getDomain } from 'tldts';

/**
 * The organisational domain of a mail address or host name (public suffix list, RFC 7489 §3.2 in spirit): "a@mail.b.co.uk"
 * gives "b.co.uk". A name without a known suffix keeps its last two labels; '' where there is no domain.
 */
export function organisationOf(addressOrHost: string): string {
  const host = addressOrHost
    .slice(addressOrHost.lastIndexOf('@') + 1)
    .toLowerCase()
    .replace(/\.$/, '');
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}

/** Whether two addresses lie in one organisational domain. */
export function isSameOrganisation(a: string, b: string): boolean {
  const organisation = organisationOf(a);
  return organisation !== '' && organisation === organisationOf(b);
}
