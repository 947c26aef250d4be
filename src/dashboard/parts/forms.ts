import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Bridge, useBridge } from '../bridge.ts';

/**
 * What asks the user for more than a click. The editor has its own input boxes, where keys are typed
 * and never reach the page; a browser opens a dialog in the page.
 */
export interface Forms {
  addProvider(catalogId?: string): void;
  setKey(provider: string): void;
  signIn(provider: string): void;
  signOut(provider: string): void;
  remove(provider: string): void;
}

/** The dialogs of the browser's page. */
export const BrowserForms = createContext<Forms | undefined>(undefined);

export function useForms(): Forms {
  const bridge = useBridge();
  const dialogs = useContext(BrowserForms);
  return dialogs ?? editorForms(bridge);
}

function editorForms(bridge: Bridge): Forms {
  return {
    addProvider: (catalogId) => bridge.run('addProvider', catalogId),
    setKey: (provider) => bridge.run('setProviderKey', provider),
    signIn: (provider) => bridge.run('signIn', provider),
    signOut: (provider) => bridge.run('signOut', provider),
    remove: (provider) => bridge.run('removeProvider', provider),
  };
}
