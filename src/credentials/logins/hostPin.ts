import type { HostPin } from './definitions.ts';

/** Whether an address is https on the usual port, without a user name, at one of these hosts. */
export function isPinned(address: string, pin: HostPin): boolean {
  const url = URL.parse(address);
  return (
    url !== null &&
    url.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    (pin.hosts.includes(url.hostname) ||
      (pin.domains ?? []).some(
        (domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`),
      ))
  );
}
