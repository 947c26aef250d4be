import { render } from 'preact';
import { App } from './App.tsx';
import { BridgeProvider } from './bridge.ts';
import { browserBridge } from './browserBridge.ts';
import { Dialogs } from './dialogs/Dialogs.tsx';
import { editorBridge } from './editorBridge.ts';
import { loadTexts } from './l10n.ts';
import './style.css';

loadTexts();
const bridge = editorBridge() ?? browserBridge();
document.body.classList.add(bridge.kind);
render(
  <BridgeProvider value={bridge}>
    <Dialogs>
      <App />
    </Dialogs>
  </BridgeProvider>,
  document.body,
);
