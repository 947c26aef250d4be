import { Notice } from './Notice.tsx';
import { ProxyText } from './ProxyText.tsx';

/** Why a page does not show what it should, in the proxy's words; nothing where all is well. */
export function Problem({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <Notice kind="warning">
      <ProxyText>{text}</ProxyText>
    </Notice>
  );
}
