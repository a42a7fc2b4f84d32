import { canonicalIp, isPrivate, isSpecial } from '../core/addresses/ip.ts';

/**
 * Where a redirect may lead (RFC 9110 §15.4): a URL, or in words why not. Never from https to http, and into an inner network only
 * where the configured URL lies in one: else a list's server could make us ask machines that only we reach.
 */
export function redirectTarget(from: URL, location: string, configured: URL): URL | string {
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  if (target === null || !/^https?:$/.test(target.protocol)) return 'it redirects to something that is no web address';
  if (from.protocol === 'https:' && target.protocol === 'http:') return 'it redirects from https to http';
  if (isInner(target.hostname) && !isInner(configured.hostname)) return 'it redirects into an inner network';
  target.username = '';
  target.password = '';
  return target;
}

/** A host (as in URL.hostname) that lies in an inner network, or on this machine, by its address or by its name. */
export function isInner(hostname: string): boolean {
  const ip = canonicalIp(hostname.replace(/^\[(.*)\]$/, '$1'));
  if (ip !== null) return isSpecial(ip) || isPrivate(ip);
  const name = hostname.replace(/\.$/, '').toLowerCase();
  return !name.includes('.') || /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$/.test(name);
}
