/*
 * What the first use needs and the start of the editor does not. The build makes a file of its own
 * of it, so that activation does not even parse it (esbuild.mjs); the parts that run at the start import it dynamically.
 */
export { readPageMessage } from '../link/dashboardLink.ts';
export { proxyProtocol } from '../link/proxyProtocol.ts';
export { changePort } from './changePort.ts';
export { codexLink } from './codexLink.ts';
export { connectCodex, disconnectCodex } from './connectCodex.ts';
export { copyConnection } from './copyConnection.ts';
export { openConfig } from './openConfig.ts';
export { setProviderKey } from './providerKey.ts';
export { switchModel } from './switchModel.ts';
