/** The host of "198.51.100.10:9001", "[2001:db8::10]:9001" or "host.example:9001"; what has no port is given back as it is. */
export function hostOfEndpoint(text: string): string {
  return /^\[([^\]]+)\](?::\S+)?$/.exec(text)?.[1] ?? text.replace(/^([^:]+):[^:]*$/, '$1');
}
