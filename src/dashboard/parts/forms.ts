import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Bridge } from '../bridge.ts';

/**
 * What asks the user for more than a click. The editor has its own input boxes, where keys are typed
 * and never reach the page; a browser opens a dialog in the page. What is no secret is edited in the
 * page everywhere.
 */
export interface Forms {
  addProvider(catalogId?: string): void;
  edit(provider: string): void;
  setKey(provider: string): void;
  signIn(provider: string): void;
  signOut(provider: string): void;
  remove(provider: string): void;
}

const context = createContext<Forms | undefined>(undefined);

export const FormsProvider = context.Provider;

export function useForms(): Forms {
  const forms = useContext(context);
  if (forms === undefined) throw new Error('The page has no forms.');
  return forms;
}

/** The editor's own, as far as it has them. */
export function editorForms(bridge: Bridge): Omit<Forms, 'edit'> {
  return {
    addProvider: (catalogId) => bridge.run('addProvider', catalogId),
    setKey: (provider) => bridge.run('setProviderKey', provider),
    signIn: (provider) => bridge.run('signIn', provider),
    signOut: (provider) => bridge.run('signOut', provider),
    remove: (provider) => bridge.run('removeProvider', provider),
  };
}
