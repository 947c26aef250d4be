/*
 * What the first use needs and the start of the editor does not. The build makes a file of its own
 * of it, so that activation does not even parse it (esbuild.mjs); the parts that run at the start import it dynamically.
 */
export { readPageMessage } from '../link/dashboardLink.ts';
export { proxyProtocol } from '../link/proxyProtocol.ts';
export { addProvider } from './addProvider/addProvider.ts';
export { allowEditorModels } from './allowEditorModels.ts';
export { changePort } from './changePort.ts';
export { chatInformation } from './chat/chatInformation.ts';
export { chatResponse, countTokens } from './chat/chatResponse.ts';
export { checkSetup } from './checkSetup.ts';
export { codexLink, leaveCodex } from './codexLink.ts';
export { connectCodex, disconnectCodex } from './connectCodex.ts';
export { copyConnection } from './copyConnection.ts';
export { EditorModels } from './editorModels/editorModels.ts';
export { writeLaunchers } from './launchers.ts';
export { management } from './management.ts';
export { openConfig } from './openConfig.ts';
export { setProviderKey } from './providerKey.ts';
export { refreshModels } from './refreshModels.ts';
export { removeProvider } from './removeProvider.ts';
export { signIn, signOut } from './signIn/signIn.ts';
export { switchModel } from './switchModel.ts';
export { isGroupCall } from './untyped.ts';
