import { registerHooks } from 'node:module';

/**
 * A stand-in for the editor's API: only what the extension uses. Import this file, then import what
 * is under test with `await import(…)`, because the module name has to be known before.
 */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: new URL('vscodeModule.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});

export { editor } from './vscodeModule.ts';
