import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { BrowserForms, type Forms } from '../parts/forms.ts';
import { AddProviderDialog } from './AddProviderDialog.tsx';
import { KeyDialog, RemoveDialog, SignOutDialog } from './ProviderDialogs.tsx';
import { SignInDialog } from './SignInDialog.tsx';

type Open =
  | { readonly kind: 'add'; readonly catalogId: string | undefined }
  | { readonly kind: 'key' | 'signIn' | 'signOut' | 'remove'; readonly provider: string };

/** Gives the page in a browser the forms that an editor has of its own. */
export function Dialogs({ children }: { children: ComponentChildren }) {
  const [open, setOpen] = useState<Open>();
  const forms = useMemo(
    (): Forms => ({
      addProvider: (catalogId) => setOpen({ kind: 'add', catalogId }),
      setKey: (provider) => setOpen({ kind: 'key', provider }),
      signIn: (provider) => setOpen({ kind: 'signIn', provider }),
      signOut: (provider) => setOpen({ kind: 'signOut', provider }),
      remove: (provider) => setOpen({ kind: 'remove', provider }),
    }),
    [],
  );
  return (
    <BrowserForms value={forms}>
      {children}
      {open !== undefined && <Shown open={open} show={setOpen} />}
    </BrowserForms>
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
    case 'key':
      return <KeyDialog provider={open.provider} onClose={close} />;
    case 'signIn':
      return <SignInDialog provider={open.provider} onClose={close} />;
    case 'signOut':
      return <SignOutDialog provider={open.provider} onClose={close} />;
    case 'remove':
      return <RemoveDialog provider={open.provider} onClose={close} />;
  }
}
