/** Every command of the extension; `commands.ts` must have a row for each. */
export const commandIds = [
  'opencodex.openDashboard',
  'opencodex.switchModel',
  'opencodex.setProviderKey',
  'opencodex.connectCodex',
  'opencodex.disconnectCodex',
  'opencodex.startProxy',
  'opencodex.stopProxy',
  'opencodex.restartProxy',
  'opencodex.changePort',
  'opencodex.copyConnection',
  'opencodex.openConfig',
  'opencodex.showLog',
] as const;

export type CommandId = (typeof commandIds)[number];
