import { BlockList, isIP } from 'node:net';

/** Where the login that Codex sends may go, and nowhere else; a setting cannot widen it. */
const forwardAddress = { hostname: 'chatgpt.com', path: '/backend-api/codex' };

/** Whether a forwarded ChatGPT login may be sent to this base URL. */
export function mayForwardTo(baseUrl: string): boolean {
  const url = URL.parse(baseUrl);
  return (
    url !== null &&
    url.protocol === 'https:' &&
    url.hostname === forwardAddress.hostname &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    url.pathname.replace(/\/$/, '') === forwardAddress.path
  );
}

/** Addresses at which clouds hand out a machine's own credentials, and link-local ones. */
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addAddress('100.100.100.200', 'ipv4'); // Alibaba Cloud
forbidden.addAddress('168.63.129.16', 'ipv4'); // Azure
forbidden.addAddress('192.0.0.192', 'ipv4'); // Oracle Cloud
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addAddress('fd00:ec2::254', 'ipv6'); // AWS
forbidden.addAddress('fd20:ce::254', 'ipv6'); // Google Cloud

const metadataNames = new Set(['metadata', 'metadata.google.internal', 'instance-data']);

/** Whether a host, by name or by address, is a metadata service or link-local. */
export function isForbiddenHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  switch (isIP(bare)) {
    case 4:
      return forbidden.check(bare, 'ipv4');
    case 6:
      return forbidden.check(bare, 'ipv6');
    default: {
      const name = bare.toLowerCase().replace(/\.$/, '');
      return metadataNames.has(name) || name.endsWith('.metadata.google.internal');
    }
  }
}
