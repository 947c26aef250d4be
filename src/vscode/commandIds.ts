/** Every command of the extension; `commands.ts` must have a row for each. */
export const commandIds = [
  'opencodex.openDashboard',
  'opencodex.switchModel',
  'opencodex.addProvider',
  'opencodex.setProviderKey',
  'opencodex.removeProvider',
  'opencodex.signIn',
  'opencodex.signOut',
  'opencodex.refreshModels',
  'opencodex.allowEditorModels',
  'opencodex.connectCodex',
  'opencodex.disconnectCodex',
  'opencodex.startProxy',
  'opencodex.stopProxy',
  'opencodex.restartProxy',
  'opencodex.changePort',
  'opencodex.copyConnection',
  'opencodex.checkSetup',
  'opencodex.openConfig',
  'opencodex.clearRequests',
  'opencodex.getStarted',
  'opencodex.showLog',
] as const;

export type CommandId = (typeof commandIds)[number];
