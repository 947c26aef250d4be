import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { isSearchKeyId } from '../../sidecars/searchKey.ts';
import { useBridge } from '../bridge.ts';
import { editorForms, type Forms, FormsProvider } from '../parts/forms.ts';
import { AddProviderDialog } from './AddProviderDialog.tsx';
import { EditProviderDialog } from './EditProviderDialog.tsx';
import { KeyDialog, RemoveDialog, SignOutDialog } from './ProviderDialogs.tsx';
import { SearchKeyDialog } from './SearchKeyDialog.tsx';
import { SignInDialog } from './SignInDialog.tsx';

type Open =
  | { readonly kind: 'add'; readonly catalogId: string | undefined }
  | { readonly kind: 'edit' | 'key' | 'signIn' | 'signOut' | 'remove'; readonly provider: string };

/** Gives the page its forms: in a browser also those that an editor has of its own. */
export function Dialogs({ children }: { children: ComponentChildren }) {
  const bridge = useBridge();
  const [open, setOpen] = useState<Open>();
  const forms = useMemo((): Forms => {
    const edit = (provider: string): void => setOpen({ kind: 'edit', provider });
    if (bridge.kind === 'editor') return { ...editorForms(bridge), edit };
    return {
      edit,
      addProvider: (catalogId) => setOpen({ kind: 'add', catalogId }),
      setKey: (provider) => setOpen({ kind: 'key', provider }),
      signIn: (provider) => setOpen({ kind: 'signIn', provider }),
      signOut: (provider) => setOpen({ kind: 'signOut', provider }),
      remove: (provider) => setOpen({ kind: 'remove', provider }),
    };
  }, [bridge]);
  return (
    <FormsProvider value={forms}>
      {children}
      {open !== undefined && <Shown open={open} show={setOpen} />}
    </FormsProvider>
  );
}

function Shown({ open, show }: { open: Open; show: (next: Open | undefined) => void }) {
  /** What a dialog wants to be opened once it has closed. */
  const next = useRef<Open | undefined>(undefined);
  const close = (): void => {
    show(next.current);
    next.current = undefined;
  };
  switch (open.kind) {
    case 'add':
      return (
        <AddProviderDialog
          catalogId={open.catalogId}
          onClose={close}
          onSignIn={(provider) => {
            next.current = { kind: 'signIn', provider };
          }}
        />
      );
    case 'edit':
      return <EditProviderDialog provider={open.provider} onClose={close} />;
    case 'key':
      if (isSearchKeyId(open.provider)) return <SearchKeyDialog onClose={close} />;
      return <KeyDialog provider={open.provider} onClose={close} />;
    case 'signIn':
      return <SignInDialog provider={open.provider} onClose={close} />;
    case 'signOut':
      return <SignOutDialog provider={open.provider} onClose={close} />;
    case 'remove':
      return <RemoveDialog provider={open.provider} onClose={close} />;
  }
}
