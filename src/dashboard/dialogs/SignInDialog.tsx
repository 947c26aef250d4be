import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiAnswer } from '../../link/api.ts';
import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { ProxyText } from '../parts/ProxyText.tsx';
import { useAnswer } from '../useAnswer.ts';
import { Dialog, Field, typed } from './Dialog.tsx';

type Login = ApiAnswer<'GET /api/oauth/status'>;

const pollMs = 1_000;

/** Signs in to an account: what its terms say, then the link, the code and what comes back. */
export function SignInDialog({ provider, onClose }: { provider: string; onClose: () => void }) {
  const bridge = useBridge();
  const { value, problem } = useAnswer('GET /api/oauth/providers', {}, ['accounts']);
  const account = value?.providers.find(({ id }) => id === provider);
  const [login, setLogin] = useState<Login>();
  const over = login !== undefined && isOver(login);
  const closed = useRef(false);

  useEffect(() => {
    if (login === undefined || over || login.status === 'unsaved') return;
    let stale = false;
    const timer = setTimeout(async () => {
      const status = await bridge.call('GET /api/oauth/status', { provider });
      // What the user has done meanwhile has led on.
      if (stale) return;
      setLogin(status.ok ? status.value : { ...login, status: 'failed', message: status.message });
    }, pollMs);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [bridge, login, over, provider]);

  if (account === undefined) {
    return problem === undefined ? null : (
      <Dialog
        title={t('Sign in')}
        action={t('Close')}
        onClose={onClose}
        submit={async () => undefined}
      >
        <p>
          <ProxyText>{problem}</ProxyText>
        </p>
      </Dialog>
    );
  }
  const { label, notice, forbidden } = account;

  const start = async (): Promise<string | undefined> => {
    if (forbidden !== undefined) return forbidden;
    const started = await bridge.call('POST /api/oauth/login', {
      provider,
      acceptedNotice: notice.version,
    });
    if (!started.ok) return started.message;
    if (closed.current) void giveUp();
    setLogin(started.value);
    return '';
  };

  const goOn = async (form: FormData): Promise<string | undefined> => {
    if (login === undefined) return start();
    if (isOver(login)) return undefined;
    if (login.status === 'unsaved') {
      const replace = login.replaces === true;
      const saved = await bridge.call('POST /api/oauth/save', { provider, replace });
      if (!saved.ok) return saved.message;
      setLogin(saved.value);
      return '';
    }
    const text = typed(form, 'code');
    if (text === '') return '';
    const pasted = await bridge.call('POST /api/oauth/paste', { provider, text });
    if (!pasted.ok) return pasted.message;
    setLogin(pasted.value);
    return pasted.value.status === 'waiting' ? (pasted.value.message ?? '') : '';
  };

  const giveUp = () => bridge.call('POST /api/oauth/cancel', { provider });
  const close = (): void => {
    closed.current = true;
    if (login !== undefined && !over) void giveUp();
    onClose();
  };

  return (
    <Dialog
      title={t('Sign in to {0}', label)}
      action={actionOf(login)}
      onClose={close}
      submit={goOn}
    >
      {login === undefined ? (
        <>
          <p>
            <ProxyText>{forbidden ?? notice.text}</ProxyText>
          </p>
          <p>
            <a href={notice.link} target="_blank" rel="noreferrer">
              {t('Read the Terms')}
            </a>
          </p>
        </>
      ) : (
        <Progress login={login} label={label} />
      )}
    </Dialog>
  );
}

function actionOf(login: Login | undefined): string {
  if (login === undefined) return t('Sign in');
  if (login.status === 'unsaved') return login.replaces ? t('Replace') : t('Try Again');
  return isOver(login) ? t('Close') : t('Go on');
}

function isOver({ status }: Login): boolean {
  return ['done', 'failed', 'cancelled'].includes(status);
}

function Progress({ login, label }: { login: Login; label: string }) {
  const { status, url, manualUrl, userCode, canPaste, account, message } = login;
  const page = url ?? manualUrl;
  if (status === 'done') {
    return (
      <p role="status">
        {t('Signed in to {0}.', account === undefined ? label : `${label} (${account})`)}{' '}
        <ProxyText>{message}</ProxyText>
      </p>
    );
  }
  if (isOver(login) || status === 'unsaved') {
    const why = message === undefined ? undefined : <ProxyText>{message}</ProxyText>;
    return <p role="alert">{why ?? t('The login to {0} failed.', label)}</p>;
  }
  return (
    <>
      {userCode !== undefined && (
        <p>{t('The code is {0}. The page must show the same one.', userCode)}</p>
      )}
      {page !== undefined && (
        <p>
          <a href={page} target="_blank" rel="noreferrer">
            {t('Open the sign-in page')}
          </a>
        </p>
      )}
      {canPaste && (
        <Field label={t('The code or the address that the page ends with')} name="code" />
      )}
      <p role="status" class="quiet">
        {t('Finish in your browser.')}
      </p>
    </>
  );
}
