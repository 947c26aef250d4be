import {
  type AccountProvider,
  accountProviders,
  isAccountProvider,
} from '../credentials/accounts/credential.ts';
import { CommandFailure } from './terminal.ts';

/** The provider whose account is meant. */
export function accountArgument(name: string): AccountProvider {
  if (isAccountProvider(name)) return name;
  throw new CommandFailure(
    `there is no account login for "${name}". There are logins for ${accountProviders.join(', ')}; other providers use an API key.`,
  );
}
